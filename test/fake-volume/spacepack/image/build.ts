import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { dfuCrc, sha256 } from '../checksum.ts';
import type { DeviceVersion } from '../values.ts';
import { HEADER_BYTES, HEADER_MAGIC, PROTECTED_MAGIC, SUFFIX_BYTES, TLV, UNPROTECTED_MAGIC } from './format.ts';

/** A key pair, both PEM: PKCS #8 and SubjectPublicKeyInfo. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

export interface ImageOptions {
  /** Default 2.0.0+0. */
  readonly version?: Partial<DeviceVersion>;
  /** Default 1. */
  readonly securityCounter?: number;
  /** The code; its content is free. Default: 24 KiB that depend on the version. */
  readonly code?: Uint8Array;
  /** The key that signs; `null`: not signed. Default: the test key. */
  readonly key?: KeyPair | null;
  /** Of the suffix. Defaults: the SpacePack, any hardware. */
  readonly vendorId?: number;
  readonly productId?: number;
  readonly bcdDevice?: number;
}

/** An Ed25519 key pair from a name: the same name gives the same pair. For tests only: whoever knows the name can sign. */
export function testKeyPair(name = 'spacepack-test'): KeyPair {
  // RFC 8410 §7: a PKCS #8 frame around the 32 bytes of the private key.
  const frame = Buffer.from('302e020100300506032b657004220420', 'hex');
  const der = Buffer.concat([frame, createHash('sha256').update(name).digest()]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString(),
  };
}

/** A whole payload: a signed MCUboot image with its DFU suffix (protocol §8), made by the device side's own code. */
export function buildPayload(options: ImageOptions = {}): Uint8Array {
  return addSuffix(buildImage(options), options);
}

/** A signed MCUboot image without a suffix: what the flash memory holds. */
export function buildImage(options: ImageOptions = {}): Uint8Array {
  const version = { major: 2, minor: 0, revision: 0, build: 0, ...options.version };
  const code = options.code ?? defaultCode(version);
  const counter = Buffer.alloc(4);
  counter.writeUInt32LE(options.securityCounter ?? 1);
  const guarded = tlvArea(PROTECTED_MAGIC, [[TLV.securityCounter, counter]]);
  const covered = Buffer.concat([header(version, code.length, guarded.length), code, guarded]);
  const digest = sha256(covered);
  const key = options.key === undefined ? testKeyPair() : options.key;
  const proof = key === null ? [] : signatureTlvs(digest, createPrivateKey(key.privateKey));
  return Buffer.concat([covered, tlvArea(UNPROTECTED_MAGIC, [[TLV.sha256, digest], ...proof])]);
}

/** Puts a DFU suffix behind any bytes. */
export function addSuffix(bytes: Uint8Array, options: ImageOptions = {}): Uint8Array {
  const suffix = Buffer.alloc(SUFFIX_BYTES);
  suffix.writeUInt16LE(options.bcdDevice ?? 0xffff, 0);
  suffix.writeUInt16LE(options.productId ?? 0x1111, 2);
  suffix.writeUInt16LE(options.vendorId ?? 0x19e7, 4);
  suffix.writeUInt16LE(0x0100, 6);
  suffix.write('UFD', 8, 'latin1');
  suffix.writeUInt8(SUFFIX_BYTES, 11);
  const payload = Buffer.concat([bytes, suffix]);
  payload.writeUInt32LE(dfuCrc(payload.subarray(0, payload.length - 4)), payload.length - 4);
  return payload;
}

type Tlv = readonly [type: number, value: Uint8Array];

function header(version: DeviceVersion, codeBytes: number, protectedBytes: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(HEADER_MAGIC, 0);
  bytes.writeUInt16LE(HEADER_BYTES, 8);
  bytes.writeUInt16LE(protectedBytes, 10);
  bytes.writeUInt32LE(codeBytes, 12);
  bytes.writeUInt8(version.major, 20);
  bytes.writeUInt8(version.minor, 21);
  bytes.writeUInt16LE(version.revision, 22);
  bytes.writeUInt32LE(version.build, 24);
  return bytes;
}

function tlvArea(magic: number, tlvs: readonly Tlv[]): Buffer {
  const frames = tlvs.map(([type, value]) => Buffer.concat([twoWords(type, value.length), value]));
  const body = Buffer.concat(frames);
  return Buffer.concat([twoWords(magic, body.length + 4), body]);
}

function twoWords(first: number, second: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(first, 0);
  bytes.writeUInt16LE(second, 2);
  return bytes;
}

function signatureTlvs(digest: Uint8Array, key: KeyObject): readonly Tlv[] {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return [
    [TLV.keyHash, sha256(spki)],
    [TLV.ed25519, sign(null, digest, key)],
  ];
}

function defaultCode(version: DeviceVersion): Uint8Array {
  const seed = Buffer.from(sha256(Buffer.from(JSON.stringify(version))));
  return Buffer.concat(Array.from({ length: 768 }, () => seed));
}
