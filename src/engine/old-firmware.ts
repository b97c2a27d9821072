/**
 * What became of the firmware that ran before, as far as the device itself has said: it still `runs`; it was `replaced`
 * by another; `none` runs, because the device is in its bootloader; or `unknown`.
 */
export type OldFirmware = 'runs' | 'replaced' | 'none' | 'unknown';

/** The running image, as read from the device's files. `image: null`: none runs. */
export interface Running {
  readonly image: string | null;
}

/** From two readings; `null` for one that was not made, or is no longer valid. */
export function oldFirmwareOf(before: Running | null, now: Running | null): OldFirmware | null {
  if (before === null) return null;
  if (now === null) return 'unknown';
  if (now.image === null) return 'none';
  return now.image === before.image ? 'runs' : 'replaced';
}
