/** A kind of file, known by how it begins. */
export interface FileKind {
  /** A phrase for people. */
  readonly name: string;
  /**
   * `packed`: to be unpacked first. `container`: something else than raw bytes of firmware. `blank`: created but never
   * filled; raw bytes of firmware may begin like that.
   */
  readonly group: 'packed' | 'container' | 'blank';
  /** How an image is made of such a file. */
  readonly remedy?: string;
}

const OBJCOPY = 'Convert it with objcopy of the toolchain that linked it: `objcopy -O ihex app.elf app.hex`.';

/** First bytes, as ISO 8859-1, of files that people hand in as images. */
const ROWS: readonly (readonly [beginning: RegExp, group: FileKind['group'], name: string, remedy?: string])[] = [
  [/^\x1f\x8b/, 'packed', 'a gzip file'],
  [/^PK\x03\x04/, 'packed', 'a ZIP archive'],
  // The end of an archive with nothing before it.
  [/^PK\x05\x06/, 'packed', 'a ZIP archive'],
  [/^\xfd7zXZ\0/, 'packed', 'an xz file'],
  [/^\x28\xb5\x2f\xfd/, 'packed', 'a Zstandard file'],
  [/^7z\xbc\xaf\x27\x1c/, 'packed', 'a 7z archive'],
  [/^BZh/, 'packed', 'a bzip2 file'],
  [/^\x3d\xb8\xf3\x96/, 'container', 'an MCUboot image'],
  [/^\x96\xf3\xb8\x3d/, 'container', 'a big-endian MCUboot image'],
  [/^\x3c\xb8\xf3\x96/, 'container', 'an MCUboot image of the old format'],
  [/^UF2\n/, 'container', 'a UF2 file'],
  [/^:[0-9A-F]{10}/i, 'container', 'an Intel HEX file'],
  [/^S0[0-9A-F]{6}/i, 'container', 'a Motorola S-record file'],
  [/^\x7fELF/, 'container', 'an ELF file', OBJCOPY],
  [/^DfuSe/, 'container', 'a DfuSe file'],
  [/^\s*<(!doctype|html)/i, 'container', 'an HTML page'],
  [/^version https:\/\/git-lfs/, 'container', 'a Git LFS pointer in place of the file'],
  [/^\xff{16}/, 'blank', 'erased flash memory'],
  [/^\x00{16}/, 'blank', 'zeros'],
];

/** How many first bytes tell it. */
export const FILE_KIND_BYTES = 32;

/** What a file seems to be, from its first 32 bytes; `null`: not recognised. */
export function kindOfFile(head: Uint8Array): FileKind | null {
  const beginning = String.fromCharCode(...head.subarray(0, FILE_KIND_BYTES));
  const row = ROWS.find(([pattern]) => pattern.test(beginning));
  if (row === undefined) return null;
  const [, group, name, remedy] = row;
  return { name, group, ...(remedy !== undefined && { remedy }) };
}

/** The same as a phrase for people. */
export function recogniseFile(head: Uint8Array): string | null {
  return kindOfFile(head)?.name ?? null;
}

/** Like `kindOfFile`, but only for what cannot be raw bytes of firmware. */
export function recogniseContainer(head: Uint8Array): FileKind | null {
  const kind = kindOfFile(head);
  return kind === null || kind.group === 'blank' ? null : kind;
}
