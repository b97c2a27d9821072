import { SpacepackError } from '../../src/protocol/errors.ts';
import type { Entry, VolumePort } from '../../src/volume/port.ts';
import { sha256Hex } from './checksum.ts';
import { freeBytes, lookUp, type MediumNode } from './medium.ts';
import { createAccess, type Held } from './memory-access.ts';
import type { MemoryHost } from './memory-host.ts';
import { createMemoryWrite, type WriteManners } from './memory-write.ts';
import type { OnOperation, OperationFailure } from './operations.ts';
import { attachmentName } from './seat.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface MemoryPortOptions extends WriteManners {
  readonly onOperation: OnOperation;
  readonly failures: readonly OperationFailure[];
  /** Who holds the volume of the device with this serial; `null`: nobody. */
  readonly heldBy: (serial: string) => string | null;
  /** How long a look takes, in ms. */
  readonly listMs: number;
  /** How many looks fail, from the first one on. */
  readonly failingLists: number;
}

/** The port over a world in memory. Names are matched as a FAT does, without regard to case. */
export function createMemoryPort(host: MemoryHost, clock: VirtualClock, options: MemoryPortOptions): VolumePort {
  const access = createAccess(host, clock, options.onOperation, options.failures);
  let lists = 0;
  return {
    async list() {
      lists += 1;
      const mustFail = lists <= options.failingLists;
      if (options.listMs > 0) await clock.sleep(options.listMs);
      if (mustFail)
        throw new SpacepackError('listing-failed', 'Expected a list of drives, found none: it fails on purpose.');
      host.observe();
      return host.drives();
    },

    changeCount: () => host.changeCount(),

    async changed(since, ms, signal) {
      if (host.changeCount() !== since) return;
      const woken = new AbortController();
      const wake = () => woken.abort();
      const stop = host.onChange(wake);
      signal?.addEventListener('abort', wake, { once: true });
      if (signal?.aborted !== true) await clock.sleep(ms, woken.signal);
      signal?.removeEventListener('abort', wake);
      stop();
    },

    async mount(drive, _volume, options) {
      await access.take(drive.usb?.serial ?? '', 'mount', null);
      const seat = host.seats.find((candidate) => candidate.isSeen && attachmentName(candidate) === drive.attachment);
      if (seat === undefined)
        throw new SpacepackError('volume-gone', `Expected ${drive.attachment}, found that it has left.`);
      host.mount(seat, options?.readOnly);
      if (seat.mount === null)
        throw new SpacepackError('volume-not-mounted', 'Expected a volume to mount, found none.');
    },

    async release(volume) {
      const seat = await access.on(volume, 'release', null);
      const holder = options.heldBy(seat.firmware.settings.serial);
      if (holder !== null) {
        throw new SpacepackError(
          'volume-busy',
          `Expected to unmount ${volume.mount.path}, found that ${holder} holds it.`,
        );
      }
      host.unmount(seat.driveId);
      return [volume.mount.path];
    },

    hold: async () => async () => undefined,

    checkCommand: ({ volume }) => `Check the card: fsck.vfat -a ${volume.id}.`,

    async entries(volume, folder) {
      return entriesOf(await access.on(volume, 'entries', folder), folder);
    },

    async read(volume, path, limitBytes) {
      return contentOf(await access.on(volume, 'read', path), path)?.subarray(0, limitBytes) ?? null;
    },

    write: createMemoryWrite(host, access, options),

    async readBack(volume, path, onBytes) {
      const bytes = contentOf(await access.on(volume, 'read-back', path), path);
      if (bytes === null) throw new SpacepackError('volume-io', `Expected ${path}, found no such file.`);
      onBytes?.(bytes.length);
      return { kind: 'direct', sha256: sha256Hex(bytes), sizeBytes: bytes.length, volume };
    },

    async remove(volume, path) {
      const seat = await access.forWriting(volume, 'remove', path);
      seat.mount.cached.delete(path);
      const found = lookUp(seat.medium, path);
      if (found === undefined) return;
      seat.medium.nodes.delete(found.path);
      host.wrote(seat);
    },

    freeBytes: async (volume) => freeBytes((await access.on(volume, 'free-bytes', null)).medium),
  };
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

function entriesOf({ medium, mount }: Held, folder: string): readonly Entry[] | null {
  const parent = folder === '' ? '' : lookUp(medium, folder)?.path;
  if (parent === undefined) return null;
  const entries = new Map<string, Entry>();
  const put = (path: string, node: Pick<MediumNode, 'kind' | 'sizeBytes'>) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const isIn = path.slice(0, Math.max(0, path.lastIndexOf('/'))) === parent;
    if (isIn) entries.set(name, { name, kind: node.kind, sizeBytes: node.sizeBytes });
  };
  for (const [path, node] of medium.nodes) put(path, node);
  for (const [path, bytes] of mount.cached) put(path, { kind: 'file', sizeBytes: bytes.length });
  return [...entries.values()];
}
