import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Computer } from '../computer.ts';
import { unlessVanished } from '../vanished.ts';
import { kernelText } from './kernel-text.ts';

/**
 * A fingerprint of all mounts, the kernel's events, and what udev has learned since: labels and file systems become
 * known a while after the drive.
 */
export function lookLinux(computer: Computer): string {
  return `${deviceMoment(computer).name}\n${kernelText(join(computer.proc, 'self', 'mountinfo'))}`;
}

/** The state of all block devices, as a name that changes whenever one comes or goes, or more is learned about one. */
export interface DeviceMoment {
  readonly name: string;
  /** Whether what lsblk says stays true while the name is the same. Not if udev is missing or still working. */
  readonly isSettled: boolean;
}

/**
 * The time stamp of udev's folder is exact to one kernel tick, 10 ms at most: two changes within one tick cannot be
 * told apart.
 */
const SETTLED_MS = 50;

export function deviceMoment({ sys, runDirectory }: Computer): DeviceMoment {
  const events = eventNumber(sys);
  const noted = statSync(join(runDirectory, 'udev', 'data'), { throwIfNoEntry: false })?.mtimeMs ?? null;
  return {
    name: `${events} ${noted}`,
    isSettled: events !== '' && noted !== null && Date.now() - noted > SETTLED_MS,
  };
}

/** The number of the kernel's last event: it grows with each device that comes or goes, and for other reasons. */
function eventNumber(sys: string): string {
  return unlessVanished(() => kernelText(join(sys, 'kernel', 'uevent_seqnum')).trim()) ?? '';
}
