import type { Drive, Mount, Volume } from '../../src/protocol/sight.ts';
import type { Firmware } from './firmware.ts';
import type { Medium } from './medium.ts';

/** A mount with what the host's cache holds back from the card. */
export interface LiveMount extends Mount {
  /** Whether this mount set the dirty mark, so that the unmount clears it. vfat leaves a mark that it found. */
  readonly ownsDirtyMark: boolean;
  /** Files that are being written, as far as they are written, by path. */
  readonly cached: Map<string, Uint8Array>;
}

/** A device and what the host knows of it. */
export interface Seat {
  readonly firmware: Firmware;
  readonly medium: Medium | null;
  readonly driveId: string;
  readonly port: string;
  /** Counts the attachments of the whole host. */
  attachment: number;
  isSeen: boolean;
  isReady: boolean;
  readySinceMs: number;
  mount: LiveMount | null;
}

/** A seat of which nothing is known yet. `index` counts the seats of a host from 0. */
export function createSeat(firmware: Firmware, medium: Medium | null, index: number): Seat {
  return {
    firmware,
    medium,
    driveId: `/dev/sd${String.fromCharCode('b'.charCodeAt(0) + index)}`,
    port: `1-${index + 1}`,
    attachment: 0,
    isSeen: false,
    isReady: false,
    readySinceMs: 0,
    mount: null,
  };
}

/** How a seat's present attachment is called in `Drive.attachment`. */
export function attachmentName({ attachment }: Pick<Seat, 'attachment'>): string {
  return `attachment-${attachment}`;
}

/** The drive as a look shows it; its volume follows when the system has read the partition table. */
export function driveOf(seat: Seat, hasVolume: boolean): Drive {
  const { firmware, medium } = seat;
  const { settings } = firmware;
  const hasMedium = medium !== null && seat.isReady;
  return {
    id: seat.driveId,
    attachment: attachmentName(seat),
    usb: {
      vendorId: settings.vendorId,
      productId: settings.productId,
      bcdDevice: settings.hardware,
      serial: settings.serial,
      port: seat.port,
      revision: firmware.revision,
    },
    vendor: settings.vendor,
    product: settings.product,
    mediaName: `${settings.vendor} ${settings.product}`,
    sizeBytes: hasMedium ? medium.sizeBytes : 0,
    writeProtected: hasMedium && medium.writeProtected,
    scheme: hasMedium ? medium.scheme : 'unknown',
    volumes: hasMedium && hasVolume ? [volumeOf(seat, medium)] : [],
  };
}

function volumeOf({ driveId, mount }: Seat, medium: Medium): Volume {
  const id = medium.scheme === 'none' ? driveId : `${driveId}1`;
  const shown = mount === null ? null : { path: mount.path, id: mount.id, readOnly: mount.readOnly };
  return { id, label: medium.label, fileSystem: medium.fileSystem, sizeBytes: medium.sizeBytes, mount: shown };
}
