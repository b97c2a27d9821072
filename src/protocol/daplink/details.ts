import type { Mode } from '../device-info.ts';
import type { Parsed } from '../found.ts';

/** What DETAILS.TXT tells. `null`: it does not, as that of old firmware and of forks. */
export interface Details {
  /** Its USB serial too. */
  readonly uniqueId: string | null;
  /** `bootloader`: the drive takes firmware of the probe itself. */
  readonly mode: Mode;
  /** Of the probe's own firmware. */
  readonly version: string | null;
  /** How often the drive has come back since the probe was started: it is kept in RAM. */
  readonly remounts: number | null;
  /** Whether magic files have an effect without the reset button. */
  readonly isAutomationAllowed: boolean | null;
  /** What its magic files switch, `true`: on. */
  readonly switches: ReadonlyMap<string, boolean>;
}

/** By what a probe is told from a text of the same name: one of these keys. */
const SIGNS: readonly string[] = ['unique id', 'hic id', 'interface version'];

/** Forks of ST have only these two, which many a text has: a version of four digits, and the time of the build. */
function isFork(fields: ReadonlyMap<string, string>): boolean {
  return /^\d{4}$/.test(fields.get('version') ?? '') && /^\w{3} +\d{1,2} \d{4}\b/.test(fields.get('build') ?? '');
}

/** Where each firmware says which version it is. */
const VERSION_KEYS = ['interface version', 'version'];
const MODES: Readonly<Record<string, Mode>> = { interface: 'application', bootloader: 'bootloader' };
const DIGITS = /^\d{1,9}$/;

/** The keys of what magic files switch. */
export const SWITCHES = [
  'auto reset',
  'automation allowed',
  'overflow detection',
  'incompatible image detection',
  'page erasing',
] as const;

/** What a file of at most this many bytes can be. */
export const DETAILS_LIMIT: number = 8 * 1024;

/** The values by their keys in lower case; of a key that is there twice, the first. */
export function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^([A-Za-z0-9 ]+): +(.+)$/.exec(line) ?? [];
    if (key === undefined || value === undefined || fields.has(key.toLowerCase())) continue;
    fields.set(key.toLowerCase(), value.trimEnd());
  }
  return fields;
}

/** `absent`: it is a text of another kind. */
export function parseDetails(bytes: Uint8Array): Parsed<Details> | { readonly kind: 'absent'; readonly why: string } {
  if (bytes.length > DETAILS_LIMIT) {
    return { kind: 'malformed', why: `expected at most ${DETAILS_LIMIT} bytes, found more` };
  }
  const fields = readFields(new TextDecoder('latin1').decode(bytes));
  if (!SIGNS.some((key) => fields.has(key)) && !isFork(fields)) {
    const found = fields.size === 0 ? 'none' : 'others';
    return { kind: 'absent', why: `expected the keys of a DAPLink probe, found ${found}` };
  }
  const said = fields.get('daplink mode') ?? 'interface';
  const mode = MODES[said.toLowerCase()];
  if (mode === undefined) return { kind: 'malformed', why: `expected the mode Interface or Bootloader, found ${said}` };
  const remounts = fields.get('remount count') ?? '';
  const switches = new Map(
    SWITCHES.flatMap((key) => {
      const digit = fields.get(key);
      return digit === '0' || digit === '1' ? [[key as string, digit === '1']] : [];
    }),
  );
  const value: Details = {
    uniqueId: fields.get('unique id') ?? null,
    mode,
    version: VERSION_KEYS.map((key) => fields.get(key)).find((version) => version !== undefined) ?? null,
    remounts: DIGITS.test(remounts) ? Number(remounts) : null,
    isAutomationAllowed: switches.get('automation allowed') ?? null,
    switches,
  };
  return { kind: 'intact', value };
}
