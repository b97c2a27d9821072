import { type Decoded, decoded, type Mismatch, mismatch } from '../../decoded.ts';
import { hexOfBytes, toHex } from '../../hex.ts';
import { signAgain } from './sign-again.ts';
import {
  decodeTlvArea,
  LAST_VOUCHING_TYPE,
  OTHER_SIGNATURES,
  PROTECTED_MAGIC,
  TLV,
  TLV_AREA_MOST_BYTES,
  type Tlv,
  type TlvArea,
  UNPROTECTED_MAGIC,
} from './tlv.ts';

/** An Ed25519 signature over the 32 bytes of the MCUboot hash. */
export interface ImageSignature {
  /**
   * SHA-256 of the key's DER SubjectPublicKeyInfo, 64 lower-case hexadecimal digits; `null`: the image names no key.
   */
  readonly keyHash: string | null;
  readonly signature: Uint8Array;
}

/** What follows the application: both TLV areas (protocol §8.2). */
export interface ImageTrailer {
  readonly securityCounter: number;
  /** What the MCUboot hash must be; 32 bytes. */
  readonly hash: Uint8Array;
  readonly signatures: readonly ImageSignature[];
  /** The algorithms of the other signatures, which count for nothing. */
  readonly otherAlgorithms: readonly string[];
  readonly sizeBytes: number;
}

/** The size of the longest possible trailer. */
export const TRAILER_MOST_BYTES: number = 2 * TLV_AREA_MOST_BYTES;
const HASH_BYTES = 32;
const SIGNATURE_BYTES = 64;
const COUNTER_BYTES = 4;

const NAMES: Readonly<Record<number, string>> = {
  [TLV.keyHash]: 'key hash',
  [TLV.sha256]: 'SHA-256',
  [TLV.ed25519]: 'Ed25519 signature',
  [TLV.securityCounter]: 'security counter',
};

const PLAIN = 'with imgtool without --encrypt (-E)';
/** What other settings of imgtool make, and which setting makes what a SpacePack accepts. */
const REFUSED: ReadonlyMap<number, readonly [expected: string, found: string, how: string]> = new Map([
  [0x02, ['the hash of the key', 'the whole key', 'with imgtool --public-key-format hash']],
  [0x11, ['a SHA-256', 'a SHA-384', 'with imgtool --sha 256']],
  [0x12, ['a SHA-256', 'a SHA-512', 'with imgtool --sha 256, without --pure']],
  [0x25, ['a signature over the SHA-256', 'one over the image itself', 'with imgtool without --pure']],
  [0x30, ['an image that is not encrypted', 'an RSA-encrypted key', PLAIN]],
  [0x31, ['an image that is not encrypted', 'an AES-wrapped key', PLAIN]],
  [0x32, ['an image that is not encrypted', 'an EC-encrypted key', PLAIN]],
  [0x33, ['an image that is not encrypted', 'an X25519-encrypted key', PLAIN]],
  [0x34, ['an image that is not encrypted', 'an X25519-encrypted key', PLAIN]],
]);

const isAllowed = (type: number, isProtected: boolean): boolean =>
  isProtected
    ? type > LAST_VOUCHING_TYPE
    : type === TLV.keyHash || type === TLV.sha256 || type === TLV.ed25519 || OTHER_SIGNATURES.has(type);

/** protocol §8.2: what may stand in which area. */
function refused({ entries }: TlvArea, isProtected: boolean): Mismatch | null {
  const type = entries.find((entry) => !isAllowed(entry.type, isProtected))?.type;
  if (type === undefined) return null;
  const [expected, found, how] = REFUSED.get(type) ?? [];
  const numbered = `TLV type ${toHex(type, 4)}`;
  if (expected !== undefined) return mismatch(expected, `${found} (${numbered})`, signAgain(how ?? ''));
  const name = NAMES[type] ?? (OTHER_SIGNATURES.has(type) ? 'signature' : null);
  if (name === null && !isProtected) {
    return mismatch('nothing but a hash and signatures behind the protected TLV area', `an entry of ${numbered}`);
  }
  const [right, wrong] = isProtected ? ['behind', 'in'] : ['in', 'behind'];
  return mismatch(`the ${name ?? `entry of ${numbered}`} ${right} the protected TLV area`, `one ${wrong} it`);
}

function sizedValue({ type, value }: Tlv, sizeBytes: number): Decoded<Uint8Array> {
  if (value.length === sizeBytes) return decoded(value);
  return mismatch(`a ${NAMES[type]} of ${sizeBytes} bytes`, `one of ${value.length}`);
}

function onlyValue(area: TlvArea, type: number, sizeBytes: number): Decoded<Uint8Array> {
  const [entry, ...more] = area.entries.filter((candidate) => candidate.type === type);
  if (entry === undefined) return mismatch(`a ${NAMES[type]} (TLV type ${toHex(type, 4)})`, 'none');
  if (more.length > 0) return mismatch(`one ${NAMES[type]}`, `${more.length + 1}`);
  return sizedValue(entry, sizeBytes);
}

/** Pairs each signature with the key hash before it, as MCUboot does. */
function decodeSignatures({ entries }: TlvArea): Decoded<readonly ImageSignature[]> {
  const signatures: ImageSignature[] = [];
  let keyHash: string | null = null;
  for (const entry of entries) {
    if (entry.type === TLV.keyHash) {
      const hash = sizedValue(entry, HASH_BYTES);
      if (!hash.ok) return hash;
      keyHash = hexOfBytes(hash.value);
    } else if (entry.type === TLV.ed25519) {
      const signature = sizedValue(entry, SIGNATURE_BYTES);
      if (!signature.ok) return signature;
      signatures.push({ keyHash, signature: signature.value });
      keyHash = null;
    }
  }
  return decoded(signatures);
}

/** Decodes the bytes after the application; what follows the trailer is ignored. */
export function decodeTrailer(bytes: Uint8Array, protectedSize: number): Decoded<ImageTrailer> {
  const vouched = decodeTlvArea(bytes, PROTECTED_MAGIC);
  if (!vouched.ok) return vouched;
  if (vouched.value.sizeBytes !== protectedSize) {
    const found = `one of ${vouched.value.sizeBytes}`;
    return mismatch(`a protected TLV area of ${protectedSize} bytes, as the header says`, found);
  }
  const rest = decodeTlvArea(bytes.subarray(protectedSize), UNPROTECTED_MAGIC);
  if (!rest.ok) return rest;
  const wrong = refused(vouched.value, true) ?? refused(rest.value, false);
  if (wrong !== null) return wrong;
  const counter = onlyValue(vouched.value, TLV.securityCounter, COUNTER_BYTES);
  if (!counter.ok) return counter;
  const hash = onlyValue(rest.value, TLV.sha256, HASH_BYTES);
  if (!hash.ok) return hash;
  const signatures = decodeSignatures(rest.value);
  if (!signatures.ok) return signatures;
  return decoded({
    securityCounter: new DataView(counter.value.buffer, counter.value.byteOffset).getUint32(0, true),
    hash: hash.value,
    signatures: signatures.value,
    otherAlgorithms: rest.value.entries.flatMap(({ type }) => OTHER_SIGNATURES.get(type) ?? []),
    sizeBytes: protectedSize + rest.value.sizeBytes,
  });
}
