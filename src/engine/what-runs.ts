import { type DeviceInfo, runningVersion } from '../protocol/device-info.ts';
import type { RunContext } from './context.ts';

/** The device's files were read to say what runs now. */
export function noteWhatRuns({ findings, environment }: RunContext, info: DeviceInfo): void {
  findings.to = runningVersion(info);
  findings.now = { image: info.image };
  findings.readAt = { ms: environment.clock.now(), gaps: environment.clock.gaps() };
}

/**
 * How long a reading holds that no lock protects, in ms: another run may have had the firmware replaced since. A device stays away for at
 * least that long (docs/protocol.md §7.5).
 */
const UNPROTECTED_MS = 1_000;

/** Whether what was read before a time that this process did not live through, or long ago while no lock kept other runs off, is outdated. */
export function isOutdated({ findings, environment: { clock } }: RunContext, isLocked: boolean): boolean {
  const { ms, gaps } = findings.readAt;
  return clock.gaps() !== gaps || (!isLocked && clock.now() - ms >= UNPROTECTED_MS);
}

/** Something may have changed it since it was read. */
export function forgetWhatRuns({ findings }: RunContext): void {
  findings.to = null;
  findings.now = null;
}
