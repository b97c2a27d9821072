import type { Decoded, Mismatch } from '../../decoded.ts';
import type { FaultCode } from '../../faults.ts';
import { DFU_SUFFIX_BYTES, type DfuSuffix } from '../../firmware/dfu-suffix.ts';
import { recogniseFile } from '../../firmware/file-kinds.ts';
import { hexOfBytes, toHex } from '../../hex.ts';
import type { Check } from '../../image-facts.ts';
import { formatVersion } from '../../versions.ts';
import { type ImageHeader, type ImageLayout, locateImage } from './mcuboot.ts';
import { signAgain } from './sign-again.ts';
import { decodeTlvInfo, TLV_INFO_BYTES, UNPROTECTED_MAGIC } from './tlv.ts';
import type { ImageTrailer } from './trailer.ts';

/** All that the checks need to know about a payload, from one pass over it. */
export interface PayloadScan {
  readonly sizeBytes: number;
  /** The first bytes, 32 unless there are fewer. */
  readonly head: Uint8Array;
  /** The bytes from `ImageLayout.trailerOffset` on, `TRAILER_MOST_BYTES` unless there are fewer. */
  readonly trailer: Uint8Array;
  /** The last bytes, 32 unless there are fewer. */
  readonly tail: Uint8Array;
  /** CRC-32/ISO-HDLC over the whole file. */
  readonly crc32: number;
  /** The DFU CRC over all but the last 4 bytes; 0 if there are fewer. */
  readonly dfuCrc: number;
  /** Over the whole file, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** SHA-256 up to `ImageLayout.hashedEnd`; `null`: the file has no header, or ends before. */
  readonly imageHash: string | null;
}

/** In the order of the checks (protocol §8.5); the signature comes last. */
export type CheckName = 'length' | 'suffix' | 'suffix-crc' | 'header' | 'trailer' | 'hash';

const CODES: Readonly<Record<CheckName, FaultCode>> = {
  length: 'image-truncated',
  suffix: 'image-suffix',
  'suffix-crc': 'image-suffix',
  header: 'image-structure',
  trailer: 'image-structure',
  hash: 'image-hash',
};

/** Header, an application of one byte, a counter, a hash and the suffix. */
const LEAST_BYTES = 32 + 1 + 12 + 40 + DFU_SUFFIX_BYTES;

/** The end of a slot trailer, which `imgtool --pad` writes; two bytes before it depend on the flash memory. */
const BOOT_MAGIC_END = '2de15d29410b8d77679c110f1f8a';
const BOOT_MAGIC_END_OF_8 = '60d2ef7f3552500f2cb67980';

function endsAsSlot(bytes: Uint8Array): boolean {
  const end = hexOfBytes(bytes);
  return end.endsWith(BOOT_MAGIC_END) || end.endsWith(BOOT_MAGIC_END_OF_8);
}

function made(check: CheckName, expected: string, found: string, ok: boolean | null, remedy?: string): Check {
  return { check, code: CODES[check], expected, found, ok, ...(remedy !== undefined && { remedy }) };
}

const failing = (check: CheckName, { expected, found, remedy }: Mismatch): Check =>
  made(check, expected, found, false, remedy);

/** Where the image claims to end, as far as that can be read. */
function claimedEnd({ hashedEnd, trailerOffset }: ImageLayout, trailer: Uint8Array): number {
  const info = decodeTlvInfo(trailer.subarray(hashedEnd - trailerOffset), UNPROTECTED_MAGIC);
  return hashedEnd + (info.ok ? info.value : TLV_INFO_BYTES);
}

function kindOf({ head, tail }: PayloadScan): string | null {
  return endsAsSlot(tail) ? 'an MCUboot image padded to its slot' : recogniseFile(head);
}

function describeFile(scan: PayloadScan, suffix: Decoded<DfuSuffix>): string {
  if (scan.sizeBytes === 0) return 'an empty file';
  if (scan.sizeBytes === DFU_SUFFIX_BYTES && suffix.ok) return 'a DFU suffix with nothing before it';
  const kind = kindOf(scan);
  return kind === null ? `${scan.sizeBytes} bytes` : `${kind} of ${scan.sizeBytes} bytes`;
}

/** An image that ends just where its suffix should begin is whole: the check of the suffix explains it better. */
function leastBytes({ sizeBytes, head, trailer }: PayloadScan, suffix: Decoded<DfuSuffix>): number {
  const layout = locateImage(head);
  if (layout === null) return LEAST_BYTES;
  const end = claimedEnd(layout, trailer);
  return end === sizeBytes && !suffix.ok ? end : end + DFU_SUFFIX_BYTES;
}

export function checkLength(scan: PayloadScan, suffix: Decoded<DfuSuffix>): Check {
  const least = leastBytes(scan, suffix);
  return made('length', `at least ${least} bytes`, describeFile(scan, suffix), scan.sizeBytes >= least);
}

export function checkSuffix(scan: PayloadScan, suffix: Decoded<DfuSuffix>): Check {
  if (suffix.ok) return made('suffix', 'a DFU suffix in the last 16 bytes', 'a DFU suffix', true);
  const kind = kindOf(scan);
  return made('suffix', suffix.expected, kind === null ? suffix.found : `${kind} with ${suffix.found}`, false);
}

export function checkSuffixCrc({ dfuCrc }: PayloadScan, suffix: Decoded<DfuSuffix>): Check {
  if (!suffix.ok) return made('suffix-crc', 'the CRC that the suffix names', 'no suffix', null);
  const { crc } = suffix.value;
  return made('suffix-crc', `CRC ${toHex(crc, 8)}, by the suffix`, toHex(dfuCrc, 8), crc === dfuCrc);
}

export function checkHeader(header: Decoded<ImageHeader>): Check {
  if (!header.ok) return failing('header', header);
  return made('header', 'a usable MCUboot header', `version ${formatVersion(header.value.version)}`, true);
}

/** `trailer` is `null` if the header does not say where it is. */
export function checkTrailer(
  { sizeBytes, head, tail }: PayloadScan,
  trailer: Decoded<ImageTrailer> | null,
  suffix: Decoded<DfuSuffix>,
): Check {
  const layout = locateImage(head);
  const usual = 'TLV areas with a security counter and a SHA-256';
  if (trailer === null || layout === null) return made('trailer', usual, 'no usable header before them', null);
  if (!trailer.ok) return failing('trailer', trailer);
  const end = layout.trailerOffset + trailer.value.sizeBytes;
  const excess = suffix.ok ? sizeBytes - DFU_SUFFIX_BYTES - end : 0;
  const padded = endsAsSlot(tail.subarray(0, -DFU_SUFFIX_BYTES));
  const hint = padded ? ': it is padded to its slot' : '';
  const remedy = padded ? signAgain('with imgtool without --pad, --confirm and --test') : undefined;
  if (excess !== 0)
    return made('trailer', `the suffix at byte ${end}`, `${excess} bytes between${hint}`, false, remedy);
  return made('trailer', usual, `security counter ${trailer.value.securityCounter}`, true);
}

export function checkHash({ imageHash }: PayloadScan, trailer: Decoded<ImageTrailer> | null): Check {
  if (!trailer?.ok || imageHash === null) return made('hash', 'the SHA-256 that the image names', 'none named', null);
  const expected = hexOfBytes(trailer.value.hash);
  return made('hash', `SHA-256 ${expected}`, imageHash, imageHash === expected);
}
