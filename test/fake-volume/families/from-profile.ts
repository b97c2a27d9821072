import type { Profile, Rule, ValuePlace } from '../../../src/protocol/profile/profile.ts';
import type { DropDevice } from './drop-world.ts';

/** What a simulated device does once it is let go of: what a rule describes, nothing, or leave for good. */
export type Course = Rule | 'silent';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function textAt(place: ValuePlace, value: string): string {
  if (place.kind === 'key') return `${place.key}: ${value}\n`;
  if (place.kind === 'between') return `${place.after}${value}${place.until}\n`;
  return [...Array(place.field - 1).fill('-'), value].join(place.separator);
}

/** An image that a profile takes. */
export function imageFor({ image: { begins, mostBytes } }: Profile): Uint8Array {
  const image = new Uint8Array(Math.min(mostBytes, 4_096)).fill(0x2e);
  image.set(begins.subarray(0, image.length));
  return image;
}

/** A device that is all that a profile says, and does what one of its rules describes. It knows nothing of the real one. */
export function deviceFor({ device, version, write, returns }: Profile, course: Course): DropDevice {
  const files = new Map<string, Uint8Array>();
  const [ids = { vendorId: 0x1209, productId: 0x0001 }] = device.usb;
  const payload = write.payload;
  const committed = write.trigger?.file ?? payload;
  let flash: Uint8Array | null = null;
  if (device.marker !== null) files.set(device.marker, bytesOf('before\n'));
  if (version !== null) files.set(version.file, bytesOf(textAt(version.place, '1.0.0')));
  if (write.isOver) files.set(payload, new Uint8Array(4_096).fill(0xff));

  function act({ is, when }: Rule): void {
    const image = files.get(payload);
    if (image === undefined) return;
    if (!write.isOver && (when.renamed !== null || when.vanished)) {
      files.delete(payload);
      files.delete(committed);
    }
    if (when.renamed !== null) files.set(when.renamed, image);
    if (when.appeared !== null) files.set(when.appeared, bytesOf('after\n'));
    if (when.isVersionChanged && version !== null) files.set(version.file, bytesOf(textAt(version.place, '2.0.0')));
    const { status } = when;
    if (status !== null) {
      files.set(status.file, bytesOf(status.place === null ? status.text : textAt(status.place, status.text)));
    }
    if (is === 'applied' || is === 'written') flash = image;
  }

  return {
    usb: { ...ids, serial: null },
    vendor: device.inquiry?.vendor ?? 'Simulated',
    product: device.inquiry?.product ?? 'Device',
    files,
    react() {
      if (files.get(committed) === undefined) return null;
      if (course === 'silent' && returns === 'in-place') return null;
      return {
        isInPlace: returns === 'in-place',
        awayMs: returns === 'never' ? null : 1_000,
        work() {
          if (course !== 'silent') act(course);
        },
      };
    },
    runs: () => flash,
  };
}
