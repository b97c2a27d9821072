import type { FaultCode } from './faults.ts';
import type { AddressSpan } from './firmware/memory-map.ts';
import type { Version } from './versions.ts';

/** What is known about an image once its own checks have passed. */
export interface ImageFacts {
  readonly sizeBytes: number;
  /** CRC-32/ISO-HDLC over the whole file. */
  readonly crc32: number;
  /** Over the whole file; 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** The `ImageFormat.name` of what it is. */
  readonly format: string;
  /** What `DeviceInfo.image` is on a device that runs it. */
  readonly imageHash: string;
  /** `null`: the file tells none. */
  readonly version: Version | null;
  /** 0 where the format has none. */
  readonly securityCounter: number;
  /** `ANY_ID`: any. */
  readonly vendorId: number;
  /** `ANY_ID`: any. */
  readonly productId: number;
  /** The hardware revision that it is for; `ANY_HARDWARE`: any. */
  readonly hardware: number;
  /** What else the format found in it, such as its map of addresses; only the format and its families understand it. */
  readonly own: unknown;
}

/** `hardware` of an image that is for every revision. */
export const ANY_HARDWARE = 0xffff;

/** `vendorId` or `productId` of an image that is for every one. */
export const ANY_ID = 0xffff;

/** Of a file of a format that has none of this: for any device, and unsigned. */
export const PLAIN: Pick<ImageFacts, 'securityCounter' | 'vendorId' | 'productId' | 'hardware'> & {
  readonly signature: 'none';
  readonly keyHash: null;
} = {
  securityCounter: 0,
  vendorId: ANY_ID,
  productId: ANY_ID,
  hardware: ANY_HARDWARE,
  signature: 'none',
  keyHash: null,
};

/** The USB ids of a device, or those that an image is for. */
export type UsbIds = Pick<ImageFacts, 'vendorId' | 'productId'>;

/** Whether an image may be for a device with these ids. */
export function isForIds(image: UsbIds, { vendorId, productId }: UsbIds): boolean {
  const matches = (wanted: number, ours: number): boolean => wanted === ANY_ID || wanted === ours;
  return matches(image.vendorId, vendorId) && matches(image.productId, productId);
}

/** One check of an image and its result: phrases for "Expected …, found …". */
export interface Check {
  readonly check: string;
  /** The code with which an image that fails this check is refused. */
  readonly code: FaultCode;
  readonly expected: string;
  readonly found: string;
  /** `null`: not decided, because what it checks is not there, or no key is known. */
  readonly ok: boolean | null;
  /** What helps against just this; without it the remedy of the code holds. */
  readonly remedy?: string;
}

/** What a file holds for one kind of chip or board, or one file that a board keeps. */
export interface ImagePart {
  /** Whom its blocks name; `null`: nobody. Not cleaned. */
  readonly target: string | null;
  /** In ascending order; of a file that a board keeps, offsets in it. */
  readonly ranges: readonly AddressSpan[];
  /** What else the file says of it: names and texts, not cleaned. */
  readonly says: readonly (readonly [name: string, text: string])[];
}

/** Where an image goes, and what is remarkable in its file without being a fault. */
export interface FileLayout {
  readonly parts: readonly ImagePart[];
  /** Sentences, each with the block or line. */
  readonly notes: readonly string[];
}

/**
 * What is known about the signature of an image. `absent`: there is none, so no device will take it. `unchecked`: it is
 * not known, because no key is known here, or the image is not understood that far. `none`: files of this format carry none,
 * so nobody checks one.
 */
export type SignatureState = 'verified' | 'wrong' | 'absent' | 'unchecked' | 'none';

/** What is known about a file that should be an image, whether it is one or not. `null`: missing, or not understood. */
export type ImageReport = { readonly [Key in keyof ImageFacts]: ImageFacts[Key] | null } & {
  readonly sizeBytes: number;
  readonly crc32: number;
  readonly sha256: string;
  readonly format: string;
  readonly signature: SignatureState;
  /** Of the key that signed it, a known one if possible; `null`: no signature, or one that names no key. */
  readonly keyHash: string | null;
  /** In the order in which they were made. */
  readonly checks: readonly Check[];
  /** What it puts where; `null`: the format tells no addresses. */
  readonly layout: FileLayout | null;
};

/** The same as a scanner of one format tells it. */
export type ScannedImage = Omit<ImageReport, 'format'>;

/** An image all of whose checks passed. */
export interface CheckedImage extends ImageFacts {
  /** `unchecked`: no key is known here, so only the device will check it. */
  readonly signature: 'verified' | 'unchecked' | 'none';
  readonly keyHash: string | null;
}

/** A checked image and a way to read its bytes again. */
export interface UpdateImage extends ImageFacts {
  /** The payload from its first byte; throws `image-changed` if it is no longer the one that was checked. */
  readonly read: () => AsyncIterable<Uint8Array>;
}

/** A public key that an image may be signed with. */
export interface TrustedKey {
  /** SHA-256 of the DER SubjectPublicKeyInfo, 64 lower-case hexadecimal digits. */
  readonly keyHash: string;
  /** Whether the Ed25519 signature over the message was made with this key. Does not throw. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** A private key, ready to sign images. */
export interface SigningKey {
  /** SHA-256 of the public key's DER SubjectPublicKeyInfo; 32 bytes. */
  readonly keyHash: Uint8Array;
  /** The Ed25519 signature over the message; 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** The parts of an image to make. */
export interface ImageRecipe {
  /** The application as it is programmed: raw bytes. */
  readonly application: Uint8Array;
  readonly version: Version;
  readonly securityCounter: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly hardware: number;
  /** Without it the image is unsigned. */
  readonly signingKey?: SigningKey;
  /** Where the application begins, in bytes: what its linker was told. */
  readonly headerSize?: number;
}
