import { dfuCrc, sha256Hex } from '../checksum.ts';
import type { DeviceVersion } from '../values.ts';

/** Fields of an MCUboot image (protocol §8.2). */
export interface ImageFacts {
  readonly version: DeviceVersion;
  readonly securityCounter: number;
  /** MCUboot's SHA-256, 64 lower-case digits, as the image states it. */
  readonly hash: string;
  /** Whether header, image and protected area really have that SHA-256. */
  readonly hashIsRight: boolean;
  /** All Ed25519 signatures, in the order in which they stand. */
  readonly signatures: readonly Signature[];
}

export interface Signature {
  /** SHA-256 of the key that it belongs to, 64 lower-case digits; `null`: of none. */
  readonly keyHash: string | null;
  readonly value: Uint8Array;
}

/** Fields of a USB DFU suffix (protocol §8.3). */
export interface DfuSuffix {
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
}

export const HEADER_MAGIC = 0x96f3b83d;
export const PROTECTED_MAGIC = 0x6908;
export const UNPROTECTED_MAGIC = 0x6907;
export const TLV = { keyHash: 0x01, sha256: 0x10, ed25519: 0x24, securityCounter: 0x50 } as const;
export const HEADER_BYTES = 32;
export const SUFFIX_BYTES = 16;

/** Sizes of the values that protocol §8.2 gives one. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [TLV.keyHash, 32],
  [TLV.sha256, 32],
  [TLV.ed25519, 64],
  [TLV.securityCounter, 4],
]);

interface Entry {
  readonly type: number;
  readonly value: Buffer;
}

/** protocol §8.2: which entries an area must and may have. */
function isGuardedWell(entries: readonly Entry[]): boolean {
  const counters = entries.filter(({ type }) => type === TLV.securityCounter);
  return counters.length === 1 && entries.every(({ type }) => type > 0x3f);
}

function isOpenWell(entries: readonly Entry[]): boolean {
  const hashes = entries.filter(({ type }) => type === TLV.sha256);
  const isAllowed = ({ type }: Entry): boolean =>
    (type >= 0x20 && type <= TLV.ed25519) || type === TLV.sha256 || type === TLV.keyHash;
  return hashes.length === 1 && entries.every(isAllowed);
}

/** protocol §8.2: each key hash serves the next signature, and that one only. */
function pairSignatures(entries: readonly Entry[]): readonly Signature[] {
  const signatures: Signature[] = [];
  let keyHash: string | null = null;
  for (const { type, value } of entries) {
    if (type === TLV.keyHash) keyHash = value.toString('hex');
    if (type !== TLV.ed25519) continue;
    signatures.push({ keyHash, value });
    keyHash = null;
  }
  return signatures;
}

/** Reads an image without its suffix; `null` if its structure is not MCUboot's. */
export function readImage(bytes: Uint8Array): ImageFacts | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.length < HEADER_BYTES || view.readUInt32LE(0) !== HEADER_MAGIC) return null;
  const headerBytes = view.readUInt16LE(8);
  const protectedAt = headerBytes + view.readUInt32LE(12);
  // protocol §8.2: flags 0, and an image of at least one byte
  if (headerBytes < HEADER_BYTES || view.readUInt32LE(16) !== 0 || protectedAt === headerBytes) return null;
  const guarded = readTlvs(view, protectedAt, PROTECTED_MAGIC);
  if (guarded === null || guarded.end - protectedAt !== view.readUInt16LE(10)) return null;
  const open = readTlvs(view, guarded.end, UNPROTECTED_MAGIC);
  if (open === null || open.end !== view.length) return null;
  if (!isGuardedWell(guarded.entries) || !isOpenWell(open.entries)) return null;
  const counter = guarded.entries.find(({ type }) => type === TLV.securityCounter)?.value;
  const hash = open.entries.find(({ type }) => type === TLV.sha256)?.value;
  if (counter === undefined || hash === undefined) return null;
  const version = {
    major: view.readUInt8(20),
    minor: view.readUInt8(21),
    revision: view.readUInt16LE(22),
    build: view.readUInt32LE(24),
  };
  return {
    version,
    securityCounter: counter.readUInt32LE(0),
    hash: hash.toString('hex'),
    hashIsRight: sha256Hex(view.subarray(0, guarded.end)) === hash.toString('hex'),
    signatures: pairSignatures(open.entries),
  };
}

/** Reads one TLV area; `null` if it does not fit its frame, or a value has another size than it must have. */
function readTlvs(view: Buffer, start: number, magic: number): { entries: readonly Entry[]; end: number } | null {
  if (start + 4 > view.length || view.readUInt16LE(start) !== magic) return null;
  const end = start + view.readUInt16LE(start + 2);
  if (end > view.length) return null;
  const entries: Entry[] = [];
  let at = start + 4;
  while (at + 4 <= end) {
    const [type, length] = [view.readUInt16LE(at), view.readUInt16LE(at + 2)];
    if (at + 4 + length > end || length !== (SIZES.get(type) ?? length)) return null;
    entries.push({ type, value: view.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return at === end ? { entries, end } : null;
}

/** Reads the suffix at the end of a payload; `null` if there is none or its CRC is wrong. */
export function readSuffix(payload: Uint8Array): DfuSuffix | null {
  if (payload.length < SUFFIX_BYTES) return null;
  const suffix = Buffer.from(payload.subarray(payload.length - SUFFIX_BYTES));
  const letters = suffix.toString('latin1', 8, 11);
  if (letters !== 'UFD' || suffix.readUInt8(11) !== SUFFIX_BYTES || suffix.readUInt16LE(6) !== 0x0100) return null;
  if (suffix.readUInt32LE(12) !== dfuCrc(payload.subarray(0, payload.length - 4))) return null;
  return {
    bcdDevice: suffix.readUInt16LE(0),
    productId: suffix.readUInt16LE(2),
    vendorId: suffix.readUInt16LE(4),
  };
}
