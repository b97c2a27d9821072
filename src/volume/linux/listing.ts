import { basename } from 'node:path';
import { errnoOf } from '../../computer/errno.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Drive, Mount, Volume } from '../../protocol/sight.ts';
import type { Computer } from '../computer.ts';
import type { Enumerator } from '../enumerator.ts';
import type { Generations } from '../generations.ts';
import type { BlockDevice } from './block-device.ts';
import { deviceMoment } from './events.ts';
import { listBlockDevices } from './lsblk.ts';
import { isNameable, type MountLine, readMounts, shownAt } from './mountinfo.ts';
import { readUsbDisk, usbDiskNames } from './sysfs.ts';
import { readNotedDisks } from './udev-notes.ts';

/** A listing during which drives came or went mixes two states, so it is repeated, at most this many times in all. */
const TRIES = 3;

/**
 * Creates the function that lists the drives on USB, with their volumes and mounts; it rejects with `listing-failed`.
 * Mounts and attachments are read at each call; the content of disks only after the kernel or udev reported a change. A
 * mount is not such a change.
 */
export function createLinuxLister(
  computer: Computer,
  enumerator: Enumerator,
  generations: Generations,
): () => Promise<readonly Drive[]> {
  let known: { readonly moment: string; readonly disks: readonly BlockDevice[] } | null = null;
  const listDisks = createDiskLister(computer, enumerator);
  const list = async (): Promise<readonly Drive[]> => {
    for (let left = TRIES - 1; ; left -= 1) {
      const moment = deviceMoment(computer);
      const disks = known?.moment === moment.name ? known.disks : await listDisks();
      const mounts = readMounts(computer.proc);
      const drives = disks
        .map((disk) => describeDrive(computer, disk, mounts, generations))
        .filter((drive) => drive !== null);
      const isSteady = deviceMoment(computer).name === moment.name;
      known = isSteady && moment.isSettled ? { moment: moment.name, disks } : null;
      if (isSteady || left === 0) return drives;
    }
  };
  return () => list().catch(notListed);
}

function notListed(thrown: unknown): never {
  const errno = errnoOf(thrown);
  if (errno === null) throw thrown;
  throw new SpacepackError('listing-failed', `Expected the kernel and udev to list the drives, found ${errno}.`, {
    cause: thrown,
  });
}

/**
 * The disks on USB: from udev's notes, or from lsblk if there is no udev. drivelist is asked once, as a second source:
 * if it names a disk that we do not, lsblk decides if it can. If it cannot, the notes count: they have each disk that the
 * kernel shows on USB.
 */
function createDiskLister(computer: Computer, enumerator: Enumerator): () => Promise<readonly BlockDevice[]> {
  let wasAsked = false;
  return async () => {
    if (usbDiskNames(computer.sys)?.length === 0) return [];
    const listed = wasAsked ? null : await enumerator.disks();
    wasAsked = true;
    const external = new Set(listed?.filter((disk) => disk.external).map((disk) => disk.device));
    const noted = readNotedDisks(computer);
    const lacks = [...external].some((path) => !noted?.some((disk) => disk.path === path));
    if (noted !== null && !lacks) return noted;
    const devices = await listBlockDevices(computer.run).catch((thrown: unknown) => {
      if (noted === null) throw thrown;
      return null;
    });
    if (devices === null) return noted ?? [];
    return devices.filter((device) => device.type === 'disk' && (device.external || external.has(device.path)));
  };
}

function describeDrive(
  { sys }: Computer,
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
    vendor: known.vendor,
    product: known.product,
    mediaName: [known.vendor, known.product].filter(Boolean).join(' '),
    sizeBytes: disk.sizeBytes,
    writeProtected: disk.readOnly,
    scheme: disk.scheme,
    volumes: carriers.map((carrier) => describeVolume(carrier, known.attachment, mounts, generations)),
  };
}

function describeVolume(
  { path, device, label, fileSystem, sizeBytes, partitionType }: BlockDevice,
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
  return { id: path, label, fileSystem, sizeBytes, mount, ...(partitionType !== null && { partitionType }) };
}

/**
 * The first mount of a whole file system that no later one covers; `null` if there is none, or none whose path can be
 * given to a call.
 */
export function mountOf(device: string, mounts: readonly MountLine[]): MountLine | null {
  return (
    mounts.find(
      (line) =>
        line.device === device &&
        line.root === '/' &&
        isNameable(line.path) &&
        shownAt(line.path, mounts)?.mountId === line.mountId,
    ) ?? null
  );
}

export function systemIdOf({ mountId, device }: MountLine, attachment: string): string {
  return `${mountId}/${device}/${attachment}`;
}
