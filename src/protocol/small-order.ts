import type { Hasher } from './family.ts';
import { hexOfBytes } from './hex.ts';

/**
 * The y coordinates of the eight points of small order on edwards25519, as keys are encoded (RFC 8032 §5.1.2), without
 * the sign bit; the last two are not reduced, but verifiers accept them all the same. For such a key anybody can sign.
 */
const SMALL_ORDER: readonly string[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

/** RFC 8410 §4: the frame around the 32 bytes of an Ed25519 key in its DER SubjectPublicKeyInfo. */
const SPKI_BEFORE_KEY = '302a300506032b6570032100';

const SIGN_BIT = 0x80;

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));

const ENCODED: readonly Uint8Array[] = SMALL_ORDER.flatMap((hex) => {
  const [plain, negative] = [bytesOf(SPKI_BEFORE_KEY + hex), bytesOf(SPKI_BEFORE_KEY + hex)];
  negative[negative.length - 1] = (negative.at(-1) ?? 0) | SIGN_BIT;
  return [plain, negative];
});

/** The key hashes (SHA-256 of the DER SubjectPublicKeyInfo, 64 lower-case digits) of all keys of small order. */
export function smallOrderKeyHashes(sha256: () => Hasher): ReadonlySet<string> {
  return new Set(
    ENCODED.map((der) => {
      const hasher = sha256();
      hasher.update(der);
      return hexOfBytes(hasher.digest());
    }),
  );
}
