import { lstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import type { MountedVolume } from '../../protocol/sight.ts';
import { type Computer, forOneMount } from '../computer.ts';
import type { Enumerator } from '../enumerator.ts';
import { createGenerations, type Generations } from '../generations.ts';
import type { Platform } from '../platform.ts';
import { nullIfVanished } from '../vanished.ts';
import type { Watched } from '../watcher.ts';
import { lookLinux } from './events.ts';
import { kernelText } from './kernel-text.ts';
import { createLinuxLister, systemIdOf } from './listing.ts';
import { readMounts, shownAt } from './mountinfo.ts';
import { readUsbAttachment } from './sysfs.ts';

/** Linux: lsblk and sysfs for drives, mountinfo for mounts, udisks or mount(8) to mount and unmount. */
export function linuxPlatform(computer: Computer, enumerator: Enumerator): Platform {
  const generations = createGenerations();
  return {
    list: createLinuxLister(computer, enumerator, generations),
    holds: async (volume, root) => holds(computer, generations, volume, root),
    async mount(drive, volume, options) {
      await (await import('./mount.ts')).mountLinux(forOneMount(computer), drive, volume, options);
    },
    async release(volume) {
      const paths = await (await import('./unmount.ts')).releaseLinux(forOneMount(computer), volume);
      generations.ended(volume.volume.id);
      return paths;
    },
    lockFolder: async (folder) => (await import('./lock-folder.ts')).lockFolder(computer.run, folder),
    look: async () => lookLinux(computer),
    watched: () => watched(computer),
  };
}

/** `null`: a user without an entry in passwd, as in many containers. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/**
 * The desktops' mount points; udev's notes on the present devices, and libmount's notes on the mounts that udisks
 * makes.
 */
function watched({ runDirectory }: Computer): Watched {
  const name = userName();
  return {
    mountParents: name === null ? [] : [join(runDirectory, 'media', name), join('/media', name)],
    notes: [join(runDirectory, 'udev', 'data'), join(runDirectory, 'mount')],
  };
}

/**
 * Checks the mount's number and device, that the device is there, and that its drive has not been attached again since.
 * For an open folder, the kernel says which mount it is in, so nothing can change between this answer and the use of
 * that folder.
 */
function holds(
  { proc, sys }: Computer,
  generations: Generations,
  { drive, volume, mount }: MountedVolume,
  root: FileHandle | null,
): boolean {
  try {
    const line = shownAt(mount.path, readMounts(proc));
    if (
      line === undefined ||
      lstatSync(join(sys, 'dev', 'block', line.device), { throwIfNoEntry: false }) === undefined
    )
      return false;
    if (root !== null && mountIdOf(proc, root) !== line.mountId) return false;
    const attachment = readUsbAttachment(sys, basename(drive.id));
    return attachment === drive.attachment && generations.isCurrent(volume.id, systemIdOf(line, attachment), mount.id);
  } catch (thrown) {
    nullIfVanished(thrown);
    return false;
  }
}

function mountIdOf(proc: string, { fd }: FileHandle): number | null {
  const [, digits] = /^mnt_id:\s*(\d+)$/m.exec(kernelText(join(proc, 'self', 'fdinfo', String(fd)))) ?? [];
  return digits === undefined ? null : Number(digits);
}
