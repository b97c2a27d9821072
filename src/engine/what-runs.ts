import { type DeviceInfo, runningVersion } from '../protocol/device-info.ts';
import type { RunContext } from './context.ts';
import type { Running } from './old-firmware.ts';

/** What the device says about what runs; `null`: nothing. */
export function runningIn({ image, tellsImage }: Pick<DeviceInfo, 'image' | 'tellsImage'>): Running | null {
  return tellsImage ? { image } : null;
}

/** Notes what runs now, as just read from the device's files. */
export function noteWhatRuns({ findings, environment }: RunContext, info: DeviceInfo): void {
  findings.to = runningVersion(info);
  findings.now = runningIn(info);
  findings.readAt = { ms: environment.clock.now(), gaps: environment.clock.gaps() };
}

/**
 * How long a reading without a lock is valid, in ms: after that, another run may have had the firmware replaced. A
 * device stays away for at least that long (docs/protocol.md §7.5).
 */
const UNPROTECTED_MS = 1_000;

/** Whether the reading is outdated: this process missed some time since, or it is old and had no lock to protect it. */
export function isOutdated({ findings, environment: { clock } }: RunContext, isLocked: boolean): boolean {
  const { ms, gaps } = findings.readAt;
  return clock.gaps() !== gaps || (!isLocked && clock.now() - ms >= UNPROTECTED_MS);
}

/** Forgets what runs: something may have changed it since it was read. */
export function forgetWhatRuns({ findings }: RunContext): void {
  findings.to = null;
  findings.now = null;
}
