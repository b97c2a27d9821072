import { createHash } from 'node:crypto';
import { SpacepackError } from '../../../src/protocol/errors.ts';
import type { Drive, Volume } from '../../../src/protocol/sight.ts';
import type { FolderEntry, VolumePort } from '../../../src/volume/port.ts';
import { freeBytes, lookUp, type MediumNode } from '../cards/medium.ts';
import { createAccess, type Held, type Visits } from './access.ts';
import type { MemoryHost } from './host.ts';
import { LIMITS_MS, type LookFailure, type OnOperation, type OperationFailure } from './operations.ts';
import type { Process } from './process.ts';
import { attachmentName, type Seat, type Slot } from './seat.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { createMemoryWrite, type WriteManners } from './write.ts';

export interface MemoryPortOptions extends WriteManners {
  readonly onOperation: OnOperation;
  readonly failures: readonly OperationFailure[];
  /** Who holds the volumes of the device with this index; `null`: nobody. */
  readonly heldBy: (device: number) => string | null;
  /** How long a look takes, in ms. */
  readonly listMs: number;
  readonly lookFailures: readonly LookFailure[];
}

/** The port of one process over a world in memory. Names are matched as a FAT does, without regard to case. */
export function createMemoryPort(
  host: MemoryHost,
  clock: VirtualClock,
  process: Process,
  visits: Visits,
  options: MemoryPortOptions,
): VolumePort {
  const access = createAccess(host, clock, process, visits, options.onOperation, options.failures);
  process.onEnd(() => {
    for (const { slots } of host.seats) for (const slot of slots) free(slot, process);
  });
  return {
    list: () => look(host, clock, process, visits, options),

    changeCount: () => host.changeCount(),

    async changed(since, ms, signal) {
      if (host.changeCount() !== since) return process.pass();
      const woken = new AbortController();
      const wake = () => woken.abort();
      const stop = host.onChange(wake);
      signal?.addEventListener('abort', wake, { once: true });
      if (signal?.aborted !== true) await clock.sleep(ms, woken.signal);
      signal?.removeEventListener('abort', wake);
      stop();
      await process.pass();
    },

    async mount(drive, volume, mounting) {
      const [seat, slot] = requireSlot(host, drive, volume);
      const readOnly = mounting?.readOnly ?? false;
      await access.onSeat(seat, { verb: 'mount', path: null, limitMs: LIMITS_MS.mount, readOnly }, () => {
        requireSlot(host, drive, volume);
        host.mount(seat, slot, mounting);
        if (slot.mount !== null) return;
        throw new SpacepackError('volume-not-mounted', 'Expected a volume to mount, found none.');
      });
    },

    release: (volume) =>
      access.on(volume, { verb: 'release', path: null, limitMs: LIMITS_MS.release }, ({ seat, slot, mount }) => {
        const holder = mount.heldFor === null ? options.heldBy(seat.index) : 'a run of spacepack';
        if (holder === null) {
          host.unmount(seat, slot);
          return [mount.path];
        }
        throw new SpacepackError('volume-busy', `Expected to unmount ${mount.path}, found that ${holder} holds it.`);
      }),

    hold: (volume) =>
      access.on(volume, { verb: 'hold', path: null }, ({ slot, mount }) => {
        if (mount.heldFor !== null) {
          throw new SpacepackError('device-locked', `Expected to hold ${mount.path}, found that another run does.`);
        }
        mount.heldFor = process;
        return async () => free(slot, process);
      }),

    checkCommand: ({ volume }) => `Check the card: fsck.vfat -a ${volume.id}.`,

    entries: (volume, folder) =>
      access.on(volume, { verb: 'entries', path: folder }, (held) => entriesOf(held, folder)),

    read: (volume, path, limitBytes) =>
      access.on(volume, { verb: 'read', path }, (held) => contentOf(held, path)?.subarray(0, limitBytes) ?? null),

    write: createMemoryWrite(host, access, options),

    async readBack(volume, path, onBytes) {
      const bytes = await access.on(volume, { verb: 'read-back', path }, (held) => contentOf(held, path));
      if (bytes === null) throw new SpacepackError('volume-io', `Expected ${path}, found no such file.`);
      onBytes?.(bytes.length);
      return {
        kind: 'direct',
        sha256: createHash('sha256').update(bytes).digest('hex'),
        sizeBytes: bytes.length,
        volume,
      };
    },

    async readPart(volume, path, { offset, lengthBytes }) {
      const bytes = await access.on(volume, { verb: 'read-back', path }, (held) => contentOf(held, path));
      return { kind: 'direct', bytes: bytes?.slice(offset, offset + lengthBytes) ?? null, volume };
    },

    remove: (volume, path) =>
      access.on(volume, { verb: 'remove', path, writes: true }, ({ seat, medium, mount }) => {
        mount.cached.delete(path);
        const found = lookUp(medium, path);
        if (found === undefined) return;
        medium.nodes.delete(found.path);
        host.wrote(seat);
      }),

    freeBytes: (volume) => access.on(volume, { verb: 'free-bytes', path: null }, ({ medium }) => freeBytes(medium)),
  };
}

/** A look tells what it saw when it was half done. */
async function look(
  host: MemoryHost,
  clock: VirtualClock,
  process: Process,
  visits: Visits,
  { listMs, lookFailures }: MemoryPortOptions,
): Promise<readonly Drive[]> {
  const number = (visits.of.get('look') ?? 0) + 1;
  visits.of.set('look', number);
  const failure = lookFailures.find((candidate) => candidate.visits.includes(number));
  if (failure?.hang === true) await clock.sleep(LIMITS_MS.look);
  if (listMs > 0) await clock.sleep(listMs / 2);
  host.observe();
  const drives = host.drives();
  if (listMs > 0) await clock.sleep(listMs / 2);
  await process.pass();
  if (failure === undefined) return drives;
  throw new SpacepackError('listing-failed', 'Expected a list of drives, found none: it fails on purpose.');
}

function free({ mount }: Slot, holder: object): void {
  if (mount?.heldFor === holder) mount.heldFor = null;
}

function requireSlot(host: MemoryHost, drive: Drive, volume: Volume): readonly [Seat, Slot] {
  const seat = host.seats.find(
    (candidate) => candidate.isSeen && attachmentName(candidate, host.manners) === drive.attachment,
  );
  const number = drive.volumes.findIndex(({ id }) => id === volume.id);
  const slot = seat?.slots[Math.max(0, number)];
  if (seat !== undefined && slot !== undefined) return [seat, slot];
  throw new SpacepackError('volume-gone', `Expected ${drive.attachment}, found that it has left.`);
}

function contentOf({ medium, mount }: Held, path: string): Uint8Array | null {
  const cached = mount.cached.get(path);
  if (cached !== undefined) return cached;
  const node = lookUp(medium, path);
  if (node === undefined) return null;
  if (node.kind !== 'file')
    throw new SpacepackError('volume-foreign', `Expected ${path} to be a file, found another thing.`);
  if (node.chain === 'short') throw new SpacepackError('volume-io', `Expected to read ${path}, found a broken chain.`);
  return node.bytes;
}

function entriesOf({ medium, mount }: Held, folder: string): readonly FolderEntry[] | null {
  const parent = folder === '' ? '' : lookUp(medium, folder)?.path;
  if (parent === undefined) return null;
  const entries = new Map<string, FolderEntry>();
  const put = (path: string, node: Pick<MediumNode, 'kind' | 'sizeBytes'>) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const isIn = path.slice(0, Math.max(0, path.lastIndexOf('/'))) === parent;
    if (isIn) entries.set(name, { name, kind: node.kind, sizeBytes: node.sizeBytes });
  };
  for (const [path, node] of medium.nodes) put(path, node);
  for (const [path, bytes] of mount.cached) put(path, { kind: 'file', sizeBytes: bytes.length });
  return [...entries.values()];
}
