import { createCipheriv, type KeyObject, pbkdf2Sync, randomBytes } from 'node:crypto';

/** Of PBKDF2 with HMAC-SHA-256, as OWASP's Password Storage Cheat Sheet asks. Node's own export always uses 2048. */
export const ROUNDS = 600_000;

const [INTEGER, OCTETS, NULL, OID, SEQUENCE] = [0x02, 0x04, 0x05, 0x06, 0x30] as const;

/** One DER value, shorter than 64 KiB. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const { length } = Buffer.concat(parts);
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), ...parts]);
}

const oid = (hex: string): Buffer => der(OID, Buffer.from(hex, 'hex'));
/** RFC 8018, appendices A.2, A.4, B.1.2 and B.2.5. */
const PBES2 = oid('2a864886f70d01050d');
const PBKDF2 = oid('2a864886f70d01050c');
const HMAC_SHA256 = oid('2a864886f70d0209');
const AES_256_CBC = oid('60864801650304012a');
/** RFC 7914, section 7. */
const SCRYPT = oid('2b06010401da47040b');

function whole(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return der(INTEGER, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]));
}

/** A private key in PEM (PKCS #8, PBES2 with PBKDF2 and AES-256-CBC), which OpenSSL and Node open. */
export function encryptKey(key: KeyObject, passphrase: string, rounds: number = ROUNDS): string {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(passphrase, salt, rounds, 32, 'sha256'), iv);
  const sealed = Buffer.concat([cipher.update(key.export({ type: 'pkcs8', format: 'der' })), cipher.final()]);
  const derivation = der(SEQUENCE, der(OCTETS, salt), whole(rounds), der(SEQUENCE, HMAC_SHA256, der(NULL)));
  const scheme = der(SEQUENCE, der(SEQUENCE, PBKDF2, derivation), der(SEQUENCE, AES_256_CBC, der(OCTETS, iv)));
  const whole64 = der(SEQUENCE, der(SEQUENCE, PBES2, scheme), der(OCTETS, sealed)).toString('base64');
  const lines = whole64.replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}

/** Whether guessing the passphrase of an encrypted key costs less than `rounds` rounds. Of any other text: no. */
export function isCheaper(pem: string, rounds: number = ROUNDS): boolean {
  const body = /-----BEGIN ENCRYPTED PRIVATE KEY-----([\sA-Za-z0-9+/=]{1,60000})-----END/.exec(pem)?.[1];
  if (body === undefined) return false;
  const bytes = Buffer.from(body, 'base64');
  if (bytes.includes(SCRYPT)) return false;
  const at = bytes.indexOf(PBKDF2);
  // After the name: the header of its parameters, the salt, and then the rounds.
  const salt = at + PBKDF2.length + 2;
  const count = salt + 2 + (bytes[salt + 1] ?? 0);
  if (at < 0 || bytes[salt] !== OCTETS || bytes[count] !== INTEGER) return true;
  const found = Number(`0x0${bytes.subarray(count + 2, count + 2 + (bytes[count + 1] ?? 0)).toString('hex')}`);
  return found < rounds || !bytes.includes(HMAC_SHA256);
}
