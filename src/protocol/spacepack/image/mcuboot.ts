import { type Decoded, decoded, type Mismatch, mismatch } from '../../decoded.ts';
import { recogniseFile } from '../../firmware/file-kinds.ts';
import { toHex } from '../../hex.ts';
import type { Version } from '../../versions.ts';
import { signAgain } from './sign-again.ts';

/** The header at the start of an MCUboot image (protocol §8.2). Sizes in bytes. */
export interface ImageHeader {
  /** Of the header with its padding: where the application begins. */
  readonly headerSize: number;
  readonly applicationSize: number;
  /** Of the protected TLV area; 0: there is none. */
  readonly protectedSize: number;
  readonly flags: number;
  readonly version: Version;
}

/** Where the parts of an image are, as offsets into the file. */
export interface ImageLayout {
  /** Where the TLV areas begin: the protected one, then the other. */
  readonly trailerOffset: number;
  /** Where the bytes under the MCUboot hash end: header, application, protected area. */
  readonly hashedEnd: number;
}

/** The size of the header's fields; padding may follow them. */
export const HEADER_FIELDS_BYTES = 32;
const MAGIC = 0x96f3b83d;

/** What flags mean and how they get there. All of them are refused (protocol §8.2). */
const FLAGS: readonly (readonly [flag: number, meaning: string, how: string])[] = [
  [0x001, 'marked as position-independent (PIC)', 'with flags 0'],
  [0x004, 'encrypted (AES-128)', 'with imgtool without --encrypt (-E)'],
  [0x008, 'encrypted (AES-256)', 'with imgtool without --encrypt (-E)'],
  [0x010, 'marked as not bootable', 'with imgtool without --non-bootable'],
  [0x020, 'made to be run from RAM', 'with imgtool without --load-addr (-L)'],
  [0x100, 'made for one address (ROM_FIXED)', 'with imgtool without --rom-fixed (-F)'],
  [0x200, 'compressed (LZMA1)', 'with imgtool without --compression'],
  [0x400, 'compressed (LZMA2)', 'with imgtool without --compression'],
  [0x800, 'compressed (ARM Thumb filter)', 'with imgtool without --compression'],
];

function judgeFlags(flags: number): Mismatch | null {
  if (flags === 0) return null;
  const known = FLAGS.filter(([flag]) => (flags & flag) !== 0);
  const meanings = known.map(([, meaning]) => meaning).join(', ') || `marked with the flags ${toHex(flags, 8)}`;
  const ways = [...new Set(known.map(([, , how]) => how))];
  const remedy = signAgain(ways.join(' and ') || 'with flags 0');
  return mismatch('an application that runs as it is', `one that is ${meanings}`, remedy);
}

/** Decodes the first 32 bytes. Any header with the right magic counts; `judgeHeader` says whether it can be used. */
export function decodeHeader(bytes: Uint8Array): Decoded<ImageHeader> {
  const expected = `an MCUboot header (magic ${toHex(MAGIC, 8)})`;
  if (bytes.length < HEADER_FIELDS_BYTES) return mismatch(expected, `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_FIELDS_BYTES);
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC) return mismatch(expected, recogniseFile(bytes) ?? `magic ${toHex(magic, 8)}`);
  return decoded({
    headerSize: view.getUint16(8, true),
    protectedSize: view.getUint16(10, true),
    applicationSize: view.getUint32(12, true),
    flags: view.getUint32(16, true),
    version: {
      major: view.getUint8(20),
      minor: view.getUint8(21),
      revision: view.getUint16(22, true),
      build: view.getUint32(24, true),
    },
  });
}

/** Why the image behind a header cannot be used; `null`: as far as the header shows, it can. */
export function judgeHeader(header: ImageHeader): Mismatch | null {
  if (header.headerSize < HEADER_FIELDS_BYTES) {
    return mismatch(`a header of at least ${HEADER_FIELDS_BYTES} bytes`, `one of ${header.headerSize}`);
  }
  if (header.applicationSize === 0) return mismatch('an application behind the header', 'none');
  const flagged = judgeFlags(header.flags);
  if (flagged !== null) return flagged;
  if (header.protectedSize === 0) {
    const remedy = signAgain('with imgtool --security-counter');
    return mismatch('a protected TLV area with the security counter', 'none', remedy);
  }
  return null;
}

/** Where the parts of the image are, from its first 32 bytes; `null` if those make no sense. */
export function locateImage(head: Uint8Array): ImageLayout | null {
  const header = decodeHeader(head);
  if (!header.ok || header.value.headerSize < HEADER_FIELDS_BYTES) return null;
  const { headerSize, applicationSize, protectedSize } = header.value;
  const trailerOffset = headerSize + applicationSize;
  return { trailerOffset, hashedEnd: trailerOffset + protectedSize };
}

/** The 32 bytes of a header. The load address is 0, as in every image that runs from flash. */
export function encodeHeader(header: ImageHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_FIELDS_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(8, header.headerSize, true);
  view.setUint16(10, header.protectedSize, true);
  view.setUint32(12, header.applicationSize, true);
  view.setUint32(16, header.flags, true);
  view.setUint8(20, header.version.major);
  view.setUint8(21, header.version.minor);
  view.setUint16(22, header.version.revision, true);
  view.setUint32(24, header.version.build, true);
  return bytes;
}
