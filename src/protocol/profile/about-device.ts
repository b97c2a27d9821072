import { type DeviceInfo, UNTOLD } from '../device-info.ts';
import { SpacepackError } from '../errors.ts';
import type { ImageFacts } from '../image-facts.ts';
import type { Drive } from '../sight.ts';
import { parseVersion } from '../versions.ts';
import { hasBeginning, ownOf } from './image-format.ts';
import { fileText, valueAt } from './place.ts';
import type { Profile } from './profile.ts';

/** A file that tells a status or a version is short. */
export const LONGEST_TEXT: number = 256 * 1024;

/** What a profile reads of a device besides what everybody understands. */
export interface ProfileOwn {
  /** As the device writes it. */
  readonly version: string | null;
}

/** A drive counts as a device only if what the profile asks for is known: here an unknown name rules it out. */
export function isKnown({ device: { usb, inquiry, marker } }: Profile, drive: Drive): boolean {
  if (drive.usb === null || usb.length > 0 || inquiry === null || marker !== null) return true;
  return drive.vendor !== null && drive.product !== null;
}

export function describeDevice(
  { version }: Profile,
  timing: DeviceInfo['timing'],
  bytes: Uint8Array,
): DeviceInfo<ProfileOwn> {
  const told = version === null ? null : valueAt(fileText(bytes), version.place);
  return {
    ...UNTOLD,
    mode: 'application',
    version: told === null ? null : parseVersion(told),
    timing,
    own: { version: told },
  };
}

/** Throws `image-structure` or `image-too-large`. */
export function requireFit({ image: { begins, mostBytes }, name }: Profile, image: ImageFacts): void {
  if (image.sizeBytes > mostBytes) {
    throw new SpacepackError('image-too-large', `Expected at most ${mostBytes} bytes, found ${image.sizeBytes}.`);
  }
  if (hasBeginning(ownOf(image).head, begins)) return;
  const bytes = [...begins].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new SpacepackError('image-structure', `Expected a file for ${name} that begins with ${bytes}, found another.`);
}
