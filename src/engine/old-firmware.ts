/**
 * What became of the firmware that ran before, as far as the device itself was heard on it: `runs` still; `replaced` by another;
 * `none` runs, for the device is in its bootloader; or `unknown`.
 */
export type OldFirmware = 'runs' | 'replaced' | 'none' | 'unknown';

/** What the device's files were read to say of the running image: its name; `null` within: none runs. */
export interface Running {
  readonly image: string | null;
}

/** From two readings; `null` for one that was not made, or does not hold any more. */
export function oldFirmwareOf(before: Running | null, now: Running | null): OldFirmware | null {
  if (before === null) return null;
  if (now === null) return 'unknown';
  if (now.image === null) return 'none';
  return now.image === before.image ? 'runs' : 'replaced';
}
