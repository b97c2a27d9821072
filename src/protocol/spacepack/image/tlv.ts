import { type Decoded, decoded, mismatch } from '../../decoded.ts';
import { toHex } from '../../hex.ts';

/** One entry of a TLV area: type, length, value (MCUboot design, "Image trailer"). */
export interface Tlv {
  readonly type: number;
  readonly value: Uint8Array;
}

/** An area of entries behind the image. */
export interface TlvArea {
  readonly entries: readonly Tlv[];
  /** The size of the whole area, including its own info header. */
  readonly sizeBytes: number;
}

/** The types that the protocol uses (§8.2). */
export const TLV = { keyHash: 0x0001, sha256: 0x0010, ed25519: 0x0024, securityCounter: 0x0050 } as const;

/** Types up to this one are about keys, hashes, signatures and encryption: what vouches for the protected area. */
export const LAST_VOUCHING_TYPE = 0x003f;

/** Signatures of other algorithms, by their type (§8.2): they count for nothing. */
export const OTHER_SIGNATURES: ReadonlyMap<number, string> = new Map([
  [0x0020, 'RSA-2048'],
  [0x0021, 'ECDSA P-224'],
  [0x0022, 'ECDSA'],
  [0x0023, 'RSA-3072'],
]);

export type TlvMagic = 0x6908 | 0x6907;
export const PROTECTED_MAGIC: TlvMagic = 0x6908;
export const UNPROTECTED_MAGIC: TlvMagic = 0x6907;

/** Magic and size before the entries; type and length before each value. */
export const TLV_INFO_BYTES = 4;
const ENTRY_HEADER_BYTES = 4;
/** The size is a field of 16 bits. */
export const TLV_AREA_MOST_BYTES = 0xffff;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The size that the area at the start of the bytes claims to have. The area itself may be cut short. */
export function decodeTlvInfo(bytes: Uint8Array, magic: TlvMagic): Decoded<number> {
  const expected = `a ${magic === PROTECTED_MAGIC ? 'protected' : 'unprotected'} TLV area (magic ${toHex(magic, 4)})`;
  if (bytes.length < TLV_INFO_BYTES) return mismatch(expected, `${bytes.length} bytes`);
  const view = viewOf(bytes);
  const found = view.getUint16(0, true);
  if (found !== magic) return mismatch(expected, `magic ${toHex(found, 4)}`);
  const sizeBytes = view.getUint16(2, true);
  if (sizeBytes < TLV_INFO_BYTES) return mismatch(`${expected} of at least 4 bytes`, `a size of ${sizeBytes}`);
  return decoded(sizeBytes);
}

/** Decodes the area at the start of the bytes; what follows it is ignored. The values are views of `bytes`. */
export function decodeTlvArea(bytes: Uint8Array, magic: TlvMagic): Decoded<TlvArea> {
  const info = decodeTlvInfo(bytes, magic);
  if (!info.ok) return info;
  const sizeBytes = info.value;
  if (bytes.length < sizeBytes) {
    return mismatch(`a TLV area (magic ${toHex(magic, 4)}) of ${sizeBytes} bytes`, `${bytes.length} bytes`);
  }
  const view = viewOf(bytes);
  const entries: Tlv[] = [];
  let offset = TLV_INFO_BYTES;
  while (offset < sizeBytes) {
    const left = sizeBytes - offset - ENTRY_HEADER_BYTES;
    const length = left < 0 ? 0 : view.getUint16(offset + 2, true);
    if (length > left) {
      return mismatch(`TLV entries that fill their area of ${sizeBytes} bytes`, `one at ${offset} that exceeds it`);
    }
    const start = offset + ENTRY_HEADER_BYTES;
    entries.push({ type: view.getUint16(offset, true), value: bytes.subarray(start, start + length) });
    offset = start + length;
  }
  return decoded({ entries, sizeBytes });
}

/** The bytes of an area. Throws a RangeError if it would exceed 65535 bytes. */
export function encodeTlvArea(magic: TlvMagic, entries: readonly Tlv[]): Uint8Array {
  const sizeBytes = entries.reduce((sum, { value }) => sum + ENTRY_HEADER_BYTES + value.length, TLV_INFO_BYTES);
  if (sizeBytes > TLV_AREA_MOST_BYTES) throw new RangeError(`a TLV area of ${sizeBytes} bytes`);
  const bytes = new Uint8Array(sizeBytes);
  const view = viewOf(bytes);
  view.setUint16(0, magic, true);
  view.setUint16(2, sizeBytes, true);
  let offset = TLV_INFO_BYTES;
  for (const { type, value } of entries) {
    view.setUint16(offset, type, true);
    view.setUint16(offset + 2, value.length, true);
    bytes.set(value, offset + ENTRY_HEADER_BYTES);
    offset += ENTRY_HEADER_BYTES + value.length;
  }
  return bytes;
}
