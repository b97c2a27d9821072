import { formatVersion, type Version } from './versions.ts';

export type Mode = 'application' | 'bootloader';

/** How long a device may take, in ms. */
export interface Timing {
  /** From the last write until the device leaves, if the volume was unmounted. */
  readonly quietMs: number;
  /** The same if the volume stays mounted. */
  readonly quietDirtyMs: number;
  /** From leaving until it is back. */
  readonly maxAwayMs: number;
}

/** What a device says about itself in its files, as its family reads them. `null`: it does not say. */
export interface DeviceInfo<Own = unknown> {
  readonly serial: string | null;
  readonly mode: Mode;
  /** Identifies the running image and no other; `null`: none runs, or the device does not say. */
  readonly image: string | null;
  /** Whether the device says which image runs: only then `image` is worth something. */
  readonly tellsImage: boolean;
  /** The running version; `null`: none runs, or the device does not say. */
  readonly version: Version | null;
  readonly model: string | null;
  /** The version of the protocol that it speaks. */
  readonly protocol: number | null;
  readonly bootCount: number | null;
  readonly hardware: number | null;
  readonly maxPayloadBytes: number | null;
  readonly securityFloor: number | null;
  readonly batteryPercent: number | null;
  readonly batteryMinPercent: number | null;
  readonly timing: Timing;
  /** What only its family understands. */
  readonly own: Own;
}

/** What a device says about itself whose files say nothing: a family puts what its own do say over it. */
export const UNTOLD = {
  serial: null,
  image: null,
  tellsImage: false,
  version: null,
  model: null,
  protocol: null,
  bootCount: null,
  hardware: null,
  maxPayloadBytes: null,
  securityFloor: null,
  batteryPercent: null,
  batteryMinPercent: null,
} as const;

/** The running version as text; `null`: none runs, or the device does not say. */
export function runningVersion({ version }: Pick<DeviceInfo, 'version'>): string | null {
  return version === null ? null : formatVersion(version);
}
