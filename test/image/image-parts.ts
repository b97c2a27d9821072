import { createHash, sign } from 'node:crypto';
import { addSuffix, type KeyPair } from '../fake-volume/spacepack/image/build.ts';

/** One entry of a TLV area, whether an image may have it or not. */
export type Entry = readonly [type: number, value: Uint8Array];

/** What an image is put together from: every part can be wrong. */
export interface ImageParts {
  readonly code?: Uint8Array;
  readonly headerBytes?: number;
  readonly flags?: number;
  readonly loadAddress?: number;
  /** Behind the security counter, in the protected area. */
  readonly guarded?: readonly Entry[];
  /** In place of hash and signatures; gets the right hash. */
  readonly open: (digest: Uint8Array) => readonly Entry[];
  readonly counters?: number;
  /** Between image and suffix. */
  readonly behind?: Uint8Array;
  readonly suffix?: { readonly vendorId?: number; readonly productId?: number; readonly bcdDevice?: number };
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

function words(...values: readonly number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value & 0xff, value >> 8])));
}

function area(magic: number, entries: readonly Entry[]): Buffer {
  const body = Buffer.concat(entries.flatMap(([type, value]) => [words(type, value.length), value]));
  return Buffer.concat([words(magic, body.length + 4), body]);
}

/** SHA-256 over a raw Ed25519 key's DER SubjectPublicKeyInfo. */
export function hashOfRawKey(raw: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]));
}

export const rawKeyOf = ({ publicKey }: KeyPair): Buffer =>
  Buffer.from(publicKey.replace(/-----.*-----/g, ''), 'base64').subarray(-32);

/** A key hash and a signature by that key, as imgtool writes them. */
export function signedBy(pair: KeyPair, digest: Uint8Array): readonly [Entry, Entry] {
  return [
    [0x01, hashOfRawKey(rawKeyOf(pair))],
    [0x24, sign(null, digest, pair.privateKey)],
  ];
}

/** A payload from parts; hash and suffix fit whatever they are. */
export function assemble(parts: ImageParts): Uint8Array {
  const { code = Buffer.alloc(64, 7), headerBytes = 32, flags = 0, loadAddress = 0, counters = 1 } = parts;
  const counter: Entry = [0x50, Buffer.from([3, 0, 0, 0])];
  const guarded = area(0x6908, [...Array.from({ length: counters }, () => counter), ...(parts.guarded ?? [])]);
  const header = Buffer.alloc(Math.max(headerBytes, 32), 0xff);
  header.fill(0, 0, 32);
  header.writeUInt32LE(0x96f3b83d, 0);
  header.writeUInt32LE(loadAddress, 4);
  header.writeUInt16LE(headerBytes, 8);
  header.writeUInt16LE(guarded.length, 10);
  header.writeUInt32LE(code.length, 12);
  header.writeUInt32LE(flags, 16);
  header.writeUInt8(2, 20);
  const covered = Buffer.concat([header, code, guarded]);
  const image = Buffer.concat([covered, area(0x6907, parts.open(sha256(covered))), parts.behind ?? Buffer.alloc(0)]);
  return addSuffix(image, parts.suffix);
}
