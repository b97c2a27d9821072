import { SpacepackError } from '../protocol/errors.ts';
import type { Family } from '../protocol/family.ts';
import { toHex } from '../protocol/hex.ts';
import { ANY_HARDWARE, type CheckedImage, isForIds } from '../protocol/image-facts.ts';
import { formatVersion } from '../protocol/versions.ts';
import type { Release } from './release.ts';

/** The part of a release that its image alone decides. */
export type ImageShare = Pick<Release, 'product' | 'hardware' | 'version' | 'securityCounter' | 'sizeBytes' | 'sha256'>;

/** Whether an image may be for devices of a family, as far as its format and its ids say. */
function isForFamily(image: CheckedImage, { images, usb, isKnownByFiles }: Family): boolean {
  if (!images.some(({ name }) => name === image.format)) return false;
  return isKnownByFiles || usb.some((ids) => isForIds(image, ids));
}

/** The one family that an image is for. Throws `image-wrong-device` if there is none, or more than one. */
function productOf(image: CheckedImage, families: readonly Family[]): string {
  const [family, ...more] = families.filter((each) => isForFamily(image, each));
  if (family !== undefined && more.length === 0) return family.id;
  const found = `${toHex(image.vendorId, 4)}:${toHex(image.productId, 4)}`;
  const known = families.map(({ id }) => id).join(', ');
  throw new SpacepackError('image-wrong-device', `Expected an image for one of ${known}, found one for ${found}.`);
}

/** What an image says about its release. Throws `image-wrong-device`, or `usage` if it tells no version. */
export function shareOf(image: CheckedImage, families: readonly Family[]): ImageShare {
  if (image.version === null) {
    const message = `Expected an image that tells its version, found one (${image.format}) that tells none.`;
    throw new SpacepackError('usage', message, {
      remedy: 'A release needs a version: publish an image with one in it.',
    });
  }
  return {
    product: productOf(image, families),
    hardware: image.hardware === ANY_HARDWARE ? [] : [toHex(image.hardware, 4)],
    version: image.version,
    securityCounter: image.securityCounter,
    sizeBytes: image.sizeBytes,
    sha256: image.sha256,
  };
}

/**
 * Throws `channel-malformed` unless an image is what its release says: otherwise a device would be chosen by one and
 * judged by the other. A release of an image for any hardware may name revisions.
 */
export function requireDescribed(image: CheckedImage, release: Release, families: readonly Family[]): void {
  if (image.version === null) {
    const said = formatVersion(release.version);
    throw new SpacepackError(
      'channel-malformed',
      `${release.name}: expected version ${said}, found none in the image.`,
    );
  }
  const share = shareOf(image, families);
  const pairs = [
    ['product', release.product, share.product],
    ['version', formatVersion(release.version), formatVersion(share.version)],
    ['security counter', release.securityCounter, share.securityCounter],
    ...(share.hardware.length === 0 ? [] : [['hardware', release.hardware.join(), share.hardware.join()] as const]),
  ] as const;
  const wrong = pairs.find(([, said, found]) => said !== found);
  if (wrong === undefined) return;
  const [what, said, found] = wrong;
  throw new SpacepackError(
    'channel-malformed',
    `${release.name}: expected ${what} ${said}, found ${found} in the image.`,
  );
}
