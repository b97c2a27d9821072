import { crc32 } from '../../checksum.ts';
import { SpacepackError } from '../../errors.ts';
import type { Hasher } from '../../family.ts';
import { DFU_CRC_BYTES, DFU_SUFFIX_BYTES, dfuCrcOf, encodeDfuSuffix } from '../../firmware/dfu-suffix.ts';
import { recogniseContainer } from '../../firmware/file-kinds.ts';
import type { ImageRecipe, SigningKey } from '../../image-facts.ts';
import { encodeHeader, HEADER_FIELDS_BYTES } from './mcuboot.ts';
import { encodeTlvArea, PROTECTED_MAGIC, TLV, type Tlv, UNPROTECTED_MAGIC } from './tlv.ts';

const ERASED = 0xff;

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new SpacepackError('usage', `Expected ${name} to be a whole number from ${least} to ${most}, found ${value}.`);
}

function requireSound({ application, version, headerSize = HEADER_FIELDS_BYTES, ...recipe }: ImageRecipe): void {
  requireWithin('the size of the application in bytes', application.length, 1, 0xffff_ffff);
  const kind = recogniseContainer(application);
  if (kind !== null) {
    const { name, remedy } = kind;
    const message = `Expected the raw bytes of an application, found ${name}.`;
    throw new SpacepackError('usage', message, remedy === undefined ? {} : { remedy });
  }
  requireWithin('the header size', headerSize, HEADER_FIELDS_BYTES, 0xffff);
  requireWithin('the security counter', recipe.securityCounter, 0, 0xffff_ffff);
  requireWithin('the vendor id', recipe.vendorId, 0, 0xffff);
  requireWithin('the product id', recipe.productId, 0, 0xffff);
  requireWithin('the hardware revision', recipe.hardware, 0, 0xffff);
  requireWithin('the major version', version.major, 0, 0xff);
  requireWithin('the minor version', version.minor, 0, 0xff);
  requireWithin('the revision', version.revision, 0, 0xffff);
  requireWithin('the build number', version.build, 0, 0xffff_ffff);
}

function counterValue(securityCounter: number): Uint8Array {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, securityCounter, true);
  return value;
}

function signatureEntries(digest: Uint8Array, key: SigningKey | undefined): Tlv[] {
  const hash = { type: TLV.sha256, value: digest };
  if (key === undefined) return [hash];
  return [hash, { type: TLV.keyHash, value: key.keyHash }, { type: TLV.ed25519, value: key.sign(digest) }];
}

/**
 * Makes a payload (protocol §8), byte for byte what `imgtool sign --pad-header --sha 256` and `dfu-suffix --add` make
 * from the same recipe. Throws `usage` for a recipe that no image can hold, or an application that is a container
 * instead of raw bytes.
 */
export function createImage(recipe: ImageRecipe, sha256: () => Hasher): Uint8Array {
  requireSound(recipe);
  const { application, headerSize = HEADER_FIELDS_BYTES, version } = recipe;
  const counter = { type: TLV.securityCounter, value: counterValue(recipe.securityCounter) };
  const vouched = encodeTlvArea(PROTECTED_MAGIC, [counter]);
  const fields = { headerSize, applicationSize: application.length, protectedSize: vouched.length, flags: 0, version };
  const padding = new Uint8Array(headerSize - HEADER_FIELDS_BYTES).fill(ERASED);
  const hashed = [encodeHeader(fields), padding, application, vouched];
  const hasher = sha256();
  for (const part of hashed) hasher.update(part);
  const digest = hasher.digest();
  const image = [...hashed, encodeTlvArea(UNPROTECTED_MAGIC, signatureEntries(digest, recipe.signingKey))];
  return withSuffix(image, recipe);
}

function withSuffix(image: readonly Uint8Array[], recipe: ImageRecipe): Uint8Array {
  const imageBytes = image.reduce((sum, part) => sum + part.length, 0);
  const payload = new Uint8Array(imageBytes + DFU_SUFFIX_BYTES);
  let offset = 0;
  for (const part of image) {
    payload.set(part, offset);
    offset += part.length;
  }
  const { vendorId, productId, hardware } = recipe;
  const suffix = { vendorId, productId, hardware, crc: 0 };
  payload.set(encodeDfuSuffix(suffix), imageBytes);
  const crc = dfuCrcOf(crc32(payload.subarray(0, -DFU_CRC_BYTES)));
  payload.set(encodeDfuSuffix({ ...suffix, crc }), imageBytes);
  return payload;
}
