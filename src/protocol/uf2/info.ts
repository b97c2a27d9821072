import type { Parsed } from '../found.ts';

/** What a UF2 bootloader says about itself in INFO_UF2.TXT (microsoft/uf2, README.md, "Files exposed by bootloaders"). */
export interface Uf2Info {
  /** The first line: a name and a version. */
  readonly bootloader: string;
  readonly model: string | null;
  /** Tokens with dashes between them, for programs. */
  readonly boardId: string;
  /** Only the bootloader for nRF52 has this line. */
  readonly hasSoftDeviceLine: boolean;
}

const LONGEST_LINE = 200;

/** Lines end with CRLF or LF, the last one may have no end, and all but the first are in any order. */
export function parseUf2Info(bytes: Uint8Array): Parsed<Uf2Info> {
  const [first = '', ...rest] = new TextDecoder().decode(bytes).split(/\r?\n/);
  const fields = new Map<string, string>();
  for (const line of rest) {
    const [, key, value] = /^([A-Za-z][A-Za-z -]*):\s*(.*?)\s*$/.exec(line.slice(0, LONGEST_LINE)) ?? [];
    if (key !== undefined && value !== undefined && !fields.has(key)) fields.set(key, value);
  }
  const boardId = fields.get('Board-ID') ?? '';
  if (!/bootloader/i.test(first)) {
    return { kind: 'malformed', why: 'expected the name of a bootloader in the first line, found none' };
  }
  if (boardId === '') return { kind: 'malformed', why: 'expected a line with Board-ID, found none' };
  const value: Uf2Info = {
    bootloader: first.slice(0, LONGEST_LINE).trim(),
    model: fields.get('Model') ?? null,
    boardId,
    hasSoftDeviceLine: fields.has('SoftDevice'),
  };
  return { kind: 'intact', value };
}
