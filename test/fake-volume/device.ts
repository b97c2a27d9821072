import type { Card } from './cards/card.ts';
import type { CardContent } from './cards/content.ts';

/** What a device says of itself in its USB descriptor and in SCSI INQUIRY. */
export interface UsbDescriptor {
  readonly serial: string;
  readonly vendorId: number;
  readonly productId: number;
  /** `bcdDevice`. */
  readonly hardware: number;
  readonly vendor: string;
  readonly product: string;
}

/** A device as the computer of a world sees and drives it, whatever firmware it runs. */
export interface UsbDevice {
  readonly settings: UsbDescriptor;
  /** The product revision of SCSI INQUIRY. */
  readonly revision: string;
  /** Whether the host sees the device. */
  readonly onBus: boolean;
  /** Whether the host sees its medium; only then may it read and write the card. */
  readonly ready: boolean;
  /** Off the bus though cable and power are there. */
  readonly hasLeftByItself: boolean;
  /** How often it has attached: tells of an attachment that nobody saw. */
  readonly attachCount: number;

  /** A host set the configuration of the USB device. */
  hostConfigured(): void;
  /** A host's write has reached the card. */
  hostWrote(): void;
  /** START STOP UNIT with START=0, LOEJ=1. */
  hostEjected(): void;

  /** Does all that is due. */
  run(): void;
  /** When `run` is due next; `null`: not before an event. */
  nextWakeMs(): number | null;
}

/** What a world gives to a device. */
export interface DeviceWorld {
  /** ms. */
  now(): number;
  later(ms: number, action: () => void): void;
  /** What the firmware's FAT code sees. */
  card(): Card | null;
  readonly content: CardContent;
  /** The card as the scenario wants it, once the device has put its own files on it. */
  prepareCard(): void;
  leaveMountFolder(): void;
  /** Takes note of what the device did; called after everything that may have moved it. */
  observe(): void;
}
