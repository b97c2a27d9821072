import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Computer } from '../computer.ts';
import { unlessVanished } from '../vanished.ts';
import { kernelText } from './kernel-text.ts';

/**
 * A fingerprint of all mounts, of the kernel's events, and of what udev has found out since: labels and file systems become
 * known a while after the drive.
 */
export function lookLinux(computer: Computer): string {
  return `${deviceMoment(computer).name}\n${kernelText(join(computer.proc, 'self', 'mountinfo'))}`;
}

/** The state of all block devices, by a name that changes whenever one comes, goes, or is found out more about. */
export interface DeviceMoment {
  readonly name: string;
  /** Whether what lsblk says holds for as long as the name: not where udev is missing, or is still at work. */
  readonly isSettled: boolean;
}

/** udev's folder tells time to a tick of the kernel, 10 ms at most: two changes within one cannot be told apart. */
const SETTLED_MS = 50;

export function deviceMoment({ sys, runDirectory }: Computer): DeviceMoment {
  const events = eventNumber(sys);
  const noted = statSync(join(runDirectory, 'udev', 'data'), { throwIfNoEntry: false })?.mtimeMs ?? null;
  return {
    name: `${events} ${noted}`,
    isSettled: events !== '' && noted !== null && Date.now() - noted > SETTLED_MS,
  };
}

/** The number of the kernel's last event: it grows with each device that comes or goes, and with other things. */
function eventNumber(sys: string): string {
  return unlessVanished(() => kernelText(join(sys, 'kernel', 'uevent_seqnum')).trim()) ?? '';
}
