import { formatVersion, type Version } from './versions.ts';

export type Mode = 'application' | 'bootloader';

/** How long a device may take, in ms. */
export interface Timing {
  /** From the last write to a volume that was unmounted until the device leaves. */
  readonly quietMs: number;
  /** The same for a volume that stays mounted. */
  readonly quietDirtyMs: number;
  /** From leaving until it is back. */
  readonly maxAwayMs: number;
}

/** What a device says of itself in its files, as its family reads them. `null`: it does not tell. */
export interface DeviceInfo<Own = unknown> {
  readonly serial: string;
  readonly mode: Mode;
  /** Names the image that runs, and no other one; `null`: none runs. */
  readonly image: string | null;
  /** Of what runs; `null`: none, or not told. */
  readonly version: Version | null;
  readonly model: string | null;
  /** Of the protocol that it speaks. */
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

/** The version that runs, as text; `null`: none, or not told. */
export function runningVersion({ version }: Pick<DeviceInfo, 'version'>): string | null {
  return version === null ? null : formatVersion(version);
}
