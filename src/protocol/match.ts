import type { OpenRecord } from './commitment.ts';
import { SpacepackError } from './errors.ts';
import type { Family } from './family.ts';
import type { ImageFacts } from './image-facts.ts';
import type { Drive } from './sight.ts';

/**
 * Whether a drive may be a device of this family. Nothing on the card is read: what the lister cannot know (everything
 * about a folder, the names of some drives) is left to the device's own files.
 */
export function matches(family: Family, drive: Drive): boolean {
  // A plain folder can be known by its files alone.
  if (drive.usb === null) return family.files.info !== null;
  if (!family.isKnownByFiles && !hasIds(family, drive)) return false;
  return family.inquiry === null || isCalled(family.inquiry, drive);
}

function isCalled({ vendor, product }: NonNullable<Family['inquiry']>, drive: Drive): boolean {
  return mayBe(vendor, drive.vendor) && mayBe(product, drive.product);
}

/** Whether a drive has the USB ids of this family, whatever it calls itself. */
export function hasIds(family: Pick<Family, 'usb'>, { usb }: Drive): boolean {
  return family.usb.some(({ vendorId, productId }) => vendorId === usb?.vendorId && productId === usb?.productId);
}

/** Whether the USB ids of a drive, and what it calls itself, are those of this family. */
export function isNamedByUsb(family: Family, drive: Drive): boolean {
  return hasIds(family, drive) && family.inquiry !== null && isCalled(family.inquiry, drive);
}

/** Whether a record is about a device of this family, and the family understands it. */
export function isRecordOf({ id, parseMemory }: Family, { family, memory }: OpenRecord): boolean {
  return family === id && parseMemory(memory) !== null;
}

/** Throws `image-wrong-device` unless a family takes images of this format. */
export function requireFormat({ name, images }: Family, { format }: Pick<ImageFacts, 'format'>): void {
  const known = images.map((each) => each.name);
  if (known.includes(format)) return;
  const found = `an image of another format (${format})`;
  throw new SpacepackError(
    'image-wrong-device',
    `Expected an image for ${name} (${known.join(', ')}), found ${found}.`,
  );
}

/** An unknown name rules nothing out. */
function mayBe(expected: string, found: string | null): boolean {
  return found === null || found.trim().toLowerCase() === expected.toLowerCase();
}
