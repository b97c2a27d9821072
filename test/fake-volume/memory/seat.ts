import type { Drive, Mount, Volume } from '../../../src/protocol/sight.ts';
import type { Medium } from '../cards/medium.ts';
import type { UsbDevice } from '../device.ts';

/** A mount with what the host's cache holds back from the card. */
export interface LiveMount extends Mount {
  /** Whether this mount set the dirty mark, so that the unmount clears it. vfat leaves a mark that it found. */
  readonly ownsDirtyMark: boolean;
  /** Files that are being written, as far as they are written, by path. */
  readonly cached: Map<string, Uint8Array>;
  /** Who keeps others from writing: anything that is the same for one run and for no other; `null`: nobody. */
  heldFor: object | null;
}

/** A partition of the card in a seat. */
export interface Slot {
  readonly medium: Medium;
  mount: LiveMount | null;
  /** Whether the automounter leaves it alone, for it is in the fstab. */
  readonly isInFstab: boolean;
}

/** A device and what the host knows of it. */
export interface Seat {
  /** From 0, in the order in which the devices of the world are named. */
  readonly index: number;
  readonly device: UsbDevice;
  /** The partitions of its card, the control volume first; empty without a card. */
  readonly slots: readonly Slot[];
  /** What the USB descriptor says; `null`: it has no serial number. */
  readonly usbSerial: string | null;
  driveId: string;
  port: string;
  /** Counts the attachments of the whole host. */
  attachment: number;
  /** Of the device, when it was attached: tells of an attachment that nobody saw. */
  attachCount: number;
  isSeen: boolean;
  isReady: boolean;
  readySinceMs: number;
}

/** What of a device the system tells. */
export interface Telling {
  /** `capitals`: as Windows writes it in the ids of its devices; `untold`: not at all. */
  readonly serials: 'told' | 'capitals' | 'untold';
  readonly ports: 'told' | 'untold';
  /** `kept`: a device that comes back to its place has the name that it had. */
  readonly attachments: 'told' | 'kept';
}

/** A seat of which nothing is known yet. */
export function createSeat(
  device: UsbDevice,
  slots: readonly Slot[],
  index: number,
  given: { readonly usbSerial?: string | null; readonly port?: string } = {},
): Seat {
  return {
    index,
    device,
    slots,
    usbSerial: given.usbSerial === undefined ? device.settings.serial : given.usbSerial,
    driveId: '',
    port: given.port ?? `1-${index + 1}`,
    attachment: 0,
    attachCount: 0,
    isSeen: false,
    isReady: false,
    readySinceMs: 0,
  };
}

/** How a seat's present attachment is called in `Drive.attachment`. */
export function attachmentName({ attachment, port, usbSerial }: Seat, { attachments }: Telling): string {
  return attachments === 'told' ? `attachment-${attachment}` : `${usbSerial ?? 'no-serial'}&${port}`;
}

/** The drive as a look shows it; its volumes follow when the system has read the partition table. */
export function driveOf(seat: Seat, hasVolumes: boolean, telling: Telling): Drive {
  const { device, slots } = seat;
  const { settings } = device;
  const [first] = slots;
  const medium = seat.isReady ? first?.medium : undefined;
  return {
    id: seat.driveId,
    attachment: attachmentName(seat, telling),
    usb: {
      vendorId: settings.vendorId,
      productId: settings.productId,
      bcdDevice: settings.hardware,
      serial: serialAsTold(seat, telling),
      port: telling.ports === 'told' ? seat.port : null,
      revision: device.revision,
    },
    vendor: settings.vendor,
    product: settings.product,
    mediaName: `${settings.vendor} ${settings.product}`,
    sizeBytes: medium === undefined ? 0 : slots.reduce((sum, slot) => sum + slot.medium.sizeBytes, 0),
    writeProtected: medium?.writeProtected ?? false,
    scheme: medium?.scheme ?? 'unknown',
    volumes: medium !== undefined && hasVolumes ? slots.map((slot, index) => volumeOf(seat, slot, index)) : [],
  };
}

function serialAsTold({ usbSerial }: Seat, { serials }: Telling): string | null {
  if (serials === 'untold' || usbSerial === null) return null;
  return serials === 'capitals' ? usbSerial.toUpperCase() : usbSerial;
}

function volumeOf({ driveId }: Seat, { medium, mount }: Slot, index: number): Volume {
  const id = medium.scheme === 'none' ? driveId : `${driveId}${index + 1}`;
  const shown = mount === null ? null : { path: mount.path, id: mount.id, readOnly: mount.readOnly };
  return { id, label: medium.label, fileSystem: medium.fileSystem, sizeBytes: medium.sizeBytes, mount: shown };
}
