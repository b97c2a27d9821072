import { SpacepackError } from '../errors.ts';
import type { Family } from '../family.ts';
import { toHex } from '../hex.ts';
import { ANY_HARDWARE, type ImageFacts, isForIds } from '../image-facts.ts';
import { compareVersions, formatVersion, type Version } from '../versions.ts';
import type { Info, InfoDetails } from './info.ts';

function refuseForeign(image: ImageFacts, details: InfoDetails, family: Family): void {
  const { vendorId, productId } = image;
  if (!family.usb.some((usb) => isForIds(image, usb))) {
    const expected = family.usb.map((usb) => `${toHex(usb.vendorId, 4)}:${toHex(usb.productId, 4)}`).join(' or ');
    const found = `${toHex(vendorId, 4)}:${toHex(productId, 4)}`;
    throw new SpacepackError(
      'image-wrong-device',
      `Expected an image for USB device ${expected}, found one for ${found}.`,
    );
  }
  if (image.hardware !== ANY_HARDWARE && image.hardware !== details.hardware) {
    throw new SpacepackError(
      'image-wrong-hardware',
      `Expected an image for hardware ${toHex(details.hardware, 4)}, found one for ${toHex(image.hardware, 4)}.`,
    );
  }
  if (image.sizeBytes > details.maxPayloadBytes) {
    throw new SpacepackError(
      'image-too-large',
      `Expected at most ${details.maxPayloadBytes} bytes, found ${image.sizeBytes}.`,
    );
  }
}

function refuseOlder(version: Version | null, running: Version | null, allowDowngrade: boolean): void {
  if (version === null || running === null || allowDowngrade || compareVersions(version, running) >= 0) return;
  const expected = `at least the running version ${formatVersion(running)}`;
  throw new SpacepackError('image-downgrade', `Expected ${expected}, found ${formatVersion(version)}.`);
}

/**
 * Decides whether an image may go to a device. `current`: this very image runs already. Throws `image-wrong-device`,
 * `image-wrong-hardware`, `image-too-large`, `image-rollback`, `image-downgrade` or `battery-low`.
 */
export function checkFit(
  image: ImageFacts,
  info: Info,
  details: InfoDetails,
  family: Family,
  allowDowngrade: boolean,
): 'current' | 'fits' {
  refuseForeign(image, details, family);
  if (info.image === image.imageHash) return 'current';
  if (image.securityCounter < details.securityFloor) {
    throw new SpacepackError(
      'image-rollback',
      `Expected a security counter of at least ${details.securityFloor}, found ${image.securityCounter}.`,
    );
  }
  refuseOlder(image.version, details.version, allowDowngrade);
  if (details.batteryPercent < details.batteryMinPercent) {
    throw new SpacepackError(
      'battery-low',
      `Expected a battery of at least ${details.batteryMinPercent} %, found ${details.batteryPercent} % when the device last reported it.`,
    );
  }
  return 'fits';
}
