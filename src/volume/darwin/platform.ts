import { type FileHandle, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Drive, MountedVolume, Volume } from '../../protocol/sight.ts';
import { type Computer, forOneMount } from '../computer.ts';
import { type Enumerator, withSecondOpinion } from '../enumerator.ts';
import { createGenerations, type Generations } from '../generations.ts';
import type { Platform } from '../platform.ts';
import { createQuickLooks, type QuickLook } from '../quick-looks.ts';
import { mountRemedy } from '../remedies.ts';
import { nullIfVanished } from '../vanished.ts';
import { diskutilInfo } from './diskutil.ts';
import { listRegistryDisks, type RegistryDisk } from './registry.ts';
import { releaseDarwin } from './unmount.ts';

const MOUNT_LIMIT_MS = 60_000;
/** After an unmount Disk Arbitration may still be busy with the volume. */
const MOUNT_TRIES = 4;
const MOUNT_PAUSE_MS = 500;

/**
 * macOS: the I/O registry for drives, diskutil for volumes and mounts. Built from Apple's sources and other people's
 * reports; it has not run on a Mac yet.
 */
export function darwinPlatform(computer: Computer, enumerator: Enumerator): Platform {
  const generations = createGenerations();
  const quickLook = createQuickLooks(computer.clock);
  const list = createLister(computer, enumerator, generations);
  const release = async (volume: MountedVolume, machine = forOneMount(computer)): Promise<readonly string[]> => {
    await releaseDarwin(machine, volume);
    generations.ended(volume.volume.id);
    return [volume.mount.path];
  };
  return {
    list,
    holds: (volume, root) => holds(computer, generations, volume, root),
    mount: (_drive, volume, options) => mount(forOneMount(computer), volume, options),
    release: (volume) => release(volume),
    // This is the only flush that reaches the card and the only read that no cache can answer: fsync promises neither
    // here.
    async remount(mounted) {
      const machine = forOneMount(computer);
      await release(mounted, machine);
      await mount(machine, mounted.volume, { readOnly: false });
      return again(mounted, await list());
    },
    look: () => look(computer, quickLook),
    // Watched as a folder of notes, that is without a look at its entries: one may be a network share that is gone.
    watched: () => ({ mountParents: [], notes: [computer.volumes] }),
  };
}

function createLister(
  computer: Computer,
  enumerator: Enumerator,
  generations: Generations,
): () => Promise<readonly Drive[]> {
  const list = withSecondOpinion(
    enumerator,
    () => listRegistryDisks(computer.run),
    (device, disks) => disks.some(({ name }) => device === `/dev/${name}`),
  );
  return async () => Promise.all((await list()).map((disk) => describeDrive(computer, disk, generations)));
}

async function describeDrive(computer: Computer, disk: RegistryDisk, generations: Generations): Promise<Drive> {
  const carriers = disk.sizeBytes === 0 ? [] : disk.partitions.length > 0 ? disk.partitions : [disk];
  const volumes = await Promise.all(carriers.map((carrier) => describeVolume(computer, disk, carrier, generations)));
  const isUnpartitioned = disk.partitions.length === 0;
  const recognised = isUnpartitioned ? volumes.filter(({ fileSystem }) => fileSystem !== null) : volumes;
  return {
    id: disk.name,
    attachment: disk.attachment,
    usb: disk.usb,
    vendor: disk.vendor,
    product: disk.product,
    mediaName: disk.mediaName,
    sizeBytes: disk.sizeBytes,
    writeProtected: !disk.writable,
    scheme: isUnpartitioned && disk.scheme === 'unknown' && recognised.length > 0 ? 'none' : disk.scheme,
    volumes: recognised,
  };
}

async function describeVolume(
  computer: Computer,
  { attachment }: RegistryDisk,
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
  generations: Generations,
): Promise<Volume> {
  const info = await diskutilInfo(computer, name);
  const path = info?.mountPoint ?? null;
  if (info === null || path === null) {
    generations.ended(name);
    return { id: name, label: info?.label ?? '', fileSystem: info?.fileSystem ?? null, sizeBytes, mount: null };
  }
  const id = generations.seen(name, await systemIdOf(computer, name, path, attachment));
  return {
    id: name,
    label: info.label,
    fileSystem: info.fileSystem,
    sizeBytes,
    mount: { path, id, readOnly: !info.writable },
  };
}

/**
 * The device node is created again at each attach, so its number tells one attach from the next without asking the
 * registry.
 */
async function systemIdOf({ dev }: Computer, name: string, path: string, attachment: string): Promise<string> {
  const node = await stat(join(dev, name)).catch(nullIfVanished);
  return `${attachment}/${node?.ino ?? 'unknown'}/${path}`;
}

/** Checks diskutil's answer, the device node, and that the path is not a plain folder on its parent's file system. */
async function holds(
  computer: Computer,
  generations: Generations,
  { drive, volume, mount }: MountedVolume,
  root: FileHandle | null,
): Promise<boolean> {
  try {
    const info = await diskutilInfo(computer, volume.id);
    if (info?.mountPoint !== mount.path) return false;
    const systemId = await systemIdOf(computer, volume.id, mount.path, drive.attachment);
    if (!generations.isCurrent(volume.id, systemId, mount.id)) return false;
    const [there, parent] = await Promise.all([lstat(mount.path), lstat(dirname(mount.path))]);
    if (there.dev === parent.dev) return false;
    const held = await root?.stat();
    return held === undefined || (held.dev === there.dev && held.ino === there.ino);
  } catch (thrown) {
    nullIfVanished(thrown);
    return false;
  }
}

async function mount(
  { run, clock, system }: Computer,
  volume: Volume,
  { readOnly }: { readonly readOnly: boolean },
): Promise<void> {
  const how = readOnly ? ['readOnly'] : [];
  for (let left = MOUNT_TRIES - 1; ; left -= 1) {
    const ran = await run('diskutil', ['mount', ...how, volume.id], { limitMs: MOUNT_LIMIT_MS });
    if (ran.status === 0) return;
    if (left === 0) {
      const found = `${ran.stdout}\n${ran.stderr}`.trim() || ran.failure || `exit status ${ran.status}`;
      throw new SpacepackError(
        'volume-not-mounted',
        `mounting ${volume.id}: expected diskutil to succeed, found: ${found}`,
        {
          remedy: mountRemedy(volume.id, system),
        },
      );
    }
    await clock.sleep(MOUNT_PAUSE_MS);
  }
}

function again({ drive, volume }: MountedVolume, drives: readonly Drive[]): MountedVolume {
  const now = drives.find(({ id, attachment }) => id === drive.id && attachment === drive.attachment);
  const same = now?.volumes.find(({ id }) => id === volume.id);
  if (now === undefined)
    throw new SpacepackError('volume-gone', `Expected ${drive.id} after mounting it again, found none.`);
  if (!same?.mount)
    throw new SpacepackError('volume-not-mounted', `Expected ${volume.id} to be mounted again, found that it is not.`);
  return { drive: now, volume: same, mount: same.mount };
}

/** Disks by their nodes; mounts by the file system that each name in /Volumes is on. */
async function look({ dev, volumes }: Computer, quickLook: QuickLook): Promise<string> {
  const nodes = (await readdir(dev).catch(() => [])).filter((name) => /^disk\d/.test(name));
  const names = await readdir(volumes).catch(() => []);
  const mounts = await Promise.all(
    names.map(async (name) => `${name} ${(await quickLook(name, () => lstat(join(volumes, name))))?.dev}`),
  );
  return [...nodes.sort(), ...mounts.sort()].join('\n');
}
