import { readFields } from './details.ts';

/** Whose fault a failed transfer is, as the probe sees it. */
export const FAIL_TYPES = ['internal', 'transient', 'user', 'target', 'interface'] as const;
export type FailType = (typeof FAIL_TYPES)[number];

/** What FAIL.TXT tells. */
export interface Fail {
  /** In the probe's own words, which differ from version to version: for people only. Not cleaned. */
  readonly text: string;
  /** Empty: it does not say, as that of old firmware and of forks, which is one line of text. */
  readonly types: readonly FailType[];
}

export const FAIL_LIMIT: number = 4 * 1024;

const isFailType = (name: string): name is FailType => FAIL_TYPES.some((type) => type === name);

export function parseFail(bytes: Uint8Array): Fail {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, FAIL_LIMIT)).trim();
  const fields = readFields(text);
  const types = (fields.get('type') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(isFailType);
  return { text: fields.get('error') ?? text, types };
}
