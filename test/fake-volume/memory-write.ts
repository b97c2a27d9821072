import { SpacepackError } from '../../src/protocol/errors.ts';
import type { MountedVolume } from '../../src/protocol/sight.ts';
import type { VolumePort, WriteOptions } from '../../src/volume/port.ts';
import { fileNode, freeBytes, lookUp, putNode } from './medium.ts';
import type { Access, Held } from './memory-access.ts';
import type { MemoryHost } from './memory-host.ts';

/** What of a write the world can do in another way. */
export interface WriteManners {
  /** Until the fsync of the folder, the card has an entry of size 0, as vfat leaves it when an fsync takes long. */
  readonly lateEntries: boolean;
}

/** The port's write: `create`, a `chunk` each, an `fsync` each `syncBytes` and at the end, `close` with the folder. */
export function createMemoryWrite(host: MemoryHost, access: Access, manners: WriteManners): VolumePort['write'] {
  const sync = (seat: Held, path: string, isLast: boolean) => {
    const bytes = seat.mount.cached.get(path) ?? new Uint8Array();
    putNode(seat.medium, path, fileNode(manners.lateEntries && !isLast ? new Uint8Array() : bytes));
    if (isLast) seat.mount.cached.delete(path);
    host.wrote(seat);
  };
  return async (volume, path, data, { syncBytes, onDurable, signal }) => {
    await create(access, volume, path);
    let written = 0;
    let durable = 0;
    const makeDurable = async () => {
      sync(await access.forWriting(volume, 'fsync', path), path, false);
      durable = written;
      onDurable?.(durable);
    };
    for await (const chunk of data) {
      requireGoingOn(signal, path);
      append(await access.forWriting(volume, 'chunk', path), path, chunk);
      written += chunk.length;
      if (written - durable >= syncBytes) await makeDurable();
    }
    requireGoingOn(signal, path);
    if (written > durable || written === 0) await makeDurable();
    sync(await access.forWriting(volume, 'close', path), path, true);
    return written;
  };
}

async function create(access: Access, volume: MountedVolume, path: string): Promise<void> {
  const seat = await access.forWriting(volume, 'create', path);
  if (lookUp(seat.medium, path) !== undefined || seat.mount.cached.has(path)) {
    throw new SpacepackError('volume-foreign', `Expected no ${path}, found one.`);
  }
  seat.mount.cached.set(path, new Uint8Array());
}

function append(seat: Held, path: string, chunk: Uint8Array): void {
  const cached = seat.mount.cached.get(path) ?? new Uint8Array();
  const onCard = lookUp(seat.medium, path)?.sizeBytes ?? 0;
  const free = freeBytes(seat.medium);
  if (cached.length + chunk.length - onCard > free) {
    throw new SpacepackError('volume-full', `Expected room for ${chunk.length} more bytes, found ${free} free.`);
  }
  seat.mount.cached.set(path, Buffer.concat([cached, chunk]));
}

function requireGoingOn(signal: WriteOptions['signal'], path: string): void {
  if (signal?.aborted === true)
    throw new SpacepackError('interrupted', `Expected to write ${path} whole, was called off.`);
}
