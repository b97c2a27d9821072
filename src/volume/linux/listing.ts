import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Drive, Mount, Volume } from '../../protocol/sight.ts';
import type { Enumerator } from '../enumerator.ts';
import type { Generations } from '../generations.ts';
import type { Outside } from '../outside.ts';
import { kernelText } from './kernel-text.ts';
import { type BlockDevice, listBlockDevices } from './lsblk.ts';
import { type MountLine, parseMountinfo } from './mountinfo.ts';
import { readUsbDisk } from './sysfs.ts';

/** A listing during which drives came or went mixes two states: it is taken anew, so many times at most. */
const TRIES = 3;

/** The drives on USB, with their volumes and mounts. Rejects with `listing-failed`. */
export async function listLinux(
  outside: Outside,
  enumerator: Enumerator,
  generations: Generations,
): Promise<readonly Drive[]> {
  for (let left = TRIES - 1; ; left -= 1) {
    const before = eventNumber(outside.sys);
    const [disks, devices] = await Promise.all([enumerator.disks(), listBlockDevices(outside.run)]);
    const external = new Set(disks?.filter((disk) => disk.external).map((disk) => disk.device));
    const mounts = parseMountinfo(await readMountinfo(outside.proc));
    const drives = devices
      .filter((device) => device.type === 'disk' && (device.external || external.has(device.path)))
      .map((disk) => describeDrive(outside, disk, mounts, generations))
      .filter((drive) => drive !== null);
    if (left === 0 || eventNumber(outside.sys) === before) return drives;
  }
}

/** /proc/self/mountinfo: the truth about mounts. */
export function readMountinfo(proc: string): Promise<string> {
  return readFile(join(proc, 'self', 'mountinfo'), 'utf8');
}

/**
 * A fingerprint of all mounts, of the kernel's events, and of what udev has found out since: labels and file systems become
 * known a while after the drive.
 */
export function lookLinux({ proc, sys, runDirectory }: Outside): string {
  return `${eventNumber(sys)} ${udevTime(runDirectory)}\n${kernelText(join(proc, 'self', 'mountinfo'))}`;
}

/** Grows with each drive that comes or goes, and with other things. */
function eventNumber(sys: string): string {
  try {
    return kernelText(join(sys, 'kernel', 'uevent_seqnum')).trim();
  } catch {
    return '';
  }
}

function udevTime(runDirectory: string): number {
  return statSync(join(runDirectory, 'udev', 'data'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function describeDrive(
  { sys }: Outside,
  disk: BlockDevice,
  mounts: readonly MountLine[],
  generations: Generations,
): Drive | null {
  const known = readUsbDisk(sys, basename(disk.path));
  if (known === null) return null;
  const partitions = disk.children.filter((child) => child.type === 'part');
  const carriers = partitions.length === 0 && disk.fileSystem !== null ? [disk] : partitions;
  return {
    id: disk.path,
    attachment: known.attachment,
    usb: known.usb,
    mediaName: known.mediaName,
    sizeBytes: disk.sizeBytes,
    writeProtected: disk.readOnly,
    scheme: disk.scheme,
    volumes: carriers.map((carrier) => describeVolume(carrier, known.attachment, mounts, generations)),
  };
}

function describeVolume(
  { path, device, label, fileSystem, sizeBytes }: BlockDevice,
  attachment: string,
  mounts: readonly MountLine[],
  generations: Generations,
): Volume {
  const line = mountOf(device, mounts);
  if (line === null) generations.ended(path);
  const mount: Mount | null = line && {
    path: line.path,
    id: generations.seen(path, systemIdOf(line, attachment)),
    readOnly: line.readOnly,
  };
  return { id: path, label, fileSystem, sizeBytes, mount };
}

/** The first mount of a whole file system that no later one covers; `null` if there is none. */
export function mountOf(device: string, mounts: readonly MountLine[]): MountLine | null {
  return (
    mounts.find(
      (line) => line.device === device && line.root === '/' && topmostAt(line.path, mounts)?.mountId === line.mountId,
    ) ?? null
  );
}

/** The mount that a path shows: the last one made there. */
export function topmostAt(path: string, mounts: readonly MountLine[]): MountLine | undefined {
  return mounts.findLast((line) => line.path === path);
}

export function systemIdOf({ mountId, device }: MountLine, attachment: string): string {
  return `${mountId}/${device}/${attachment}`;
}
