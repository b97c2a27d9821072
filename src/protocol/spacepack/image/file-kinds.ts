type Kinds = readonly (readonly [beginning: RegExp, kind: string])[];

/** First bytes, as ISO 8859-1, of files that people mistake for a payload or for raw firmware. */
const CONTAINERS: Kinds = [
  [/^\x3d\xb8\xf3\x96/, 'an MCUboot image'],
  [/^\x96\xf3\xb8\x3d/, 'a big-endian MCUboot image'],
  [/^\x3c\xb8\xf3\x96/, 'an MCUboot image of the old format'],
  [/^UF2\n/, 'a UF2 file'],
  [/^:[0-9A-F]{10}/i, 'an Intel HEX file'],
  [/^S0[0-9A-F]{6}/i, 'a Motorola S-record file'],
  [/^\x7fELF/, 'an ELF file'],
  [/^DfuSe/, 'a DfuSe file'],
  [/^PK\x03\x04/, 'a ZIP archive'],
  [/^\x1f\x8b/, 'a gzip archive'],
  [/^\s*<(!doctype|html)/i, 'an HTML page'],
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer in place of the file'],
];

/** No content: a file that was created but never filled. */
const BLANKS: Kinds = [
  [/^\xff{16}/, 'erased flash memory'],
  [/^\x00{16}/, 'zeros'],
];

function recognise(kinds: Kinds, head: Uint8Array): string | null {
  const beginning = String.fromCharCode(...head.subarray(0, 32));
  return kinds.find(([pattern]) => pattern.test(beginning))?.[1] ?? null;
}

/** What a file seems to be, from its first 32 bytes, as a phrase for people; `null`: not recognised. */
export function recogniseFile(head: Uint8Array): string | null {
  return recognise([...CONTAINERS, ...BLANKS], head);
}

/** Like `recogniseFile`, but only for what cannot be raw bytes of firmware. */
export function recogniseContainer(head: Uint8Array): string | null {
  return recognise(CONTAINERS, head);
}
