import { SpacepackError } from '../../../src/protocol/errors.ts';
import type { VolumePort, WriteOptions } from '../../../src/volume/port.ts';
import { fileNode, freeBytes, lookUp, putNode } from '../cards/medium.ts';
import type { Access, Held } from './access.ts';
import type { MemoryHost } from './host.ts';
import type { Verb } from './operations.ts';

/** What of a write the world can do in another way. */
export interface WriteManners {
  /** Until the fsync of the folder, the card has an entry of size 0, as vfat leaves it when an fsync takes long. */
  readonly lateEntries: boolean;
}

/** The port's write: `create`, a `chunk` each, an `fsync` each `syncBytes` and at the end, `close` with the folder. */
export function createMemoryWrite(host: MemoryHost, access: Access, manners: WriteManners): VolumePort['write'] {
  const sync = ({ seat, mount, medium }: Held, path: string, isLast: boolean) => {
    const bytes = mount.cached.get(path);
    // Otherwise it has been brought to the card already.
    if (bytes !== undefined) {
      const isLate = manners.lateEntries && !isLast;
      putNode(medium, path, fileNode(isLate ? new Uint8Array() : bytes));
      if (!isLate) mount.cached.delete(path);
    }
    host.wrote(seat);
  };
  return async (volume, path, data, { syncBytes, stallMs, onDurable, signal }) => {
    const step = (verb: Verb, effect: (held: Held) => void) =>
      access.on(volume, { verb, path, limitMs: stallMs, writes: true }, effect);
    await step('create', (held) => create(host, held, path));
    let written = 0;
    let durable = 0;
    const makeDurable = async () => {
      await step('fsync', (held) => sync(held, path, false));
      durable = written;
      onDurable?.(durable);
    };
    for await (const chunk of data) {
      requireGoingOn(signal, path);
      await step('chunk', (held) => append(host, held, path, chunk));
      written += chunk.length;
      if (written - durable >= syncBytes) await makeDurable();
    }
    requireGoingOn(signal, path);
    if (written > durable || written === 0) await makeDurable();
    await step('close', (held) => sync(held, path, true));
    return written;
  };
}

function create(host: MemoryHost, { seat, slot, medium, mount }: Held, path: string): void {
  if (lookUp(medium, path) !== undefined || mount.cached.has(path)) {
    throw new SpacepackError('volume-foreign', `Expected no ${path}, found one.`, { noEffect: true });
  }
  host.cache(seat, slot, path, new Uint8Array());
}

function append(host: MemoryHost, { seat, slot, medium, mount }: Held, path: string, chunk: Uint8Array): void {
  const onCard = lookUp(medium, path);
  const cached = mount.cached.get(path) ?? onCard?.bytes ?? new Uint8Array();
  const free = freeBytes(medium);
  if (cached.length + chunk.length - (onCard?.sizeBytes ?? 0) > free) {
    throw new SpacepackError('volume-full', `Expected room for ${chunk.length} more bytes, found ${free} free.`);
  }
  host.cache(seat, slot, path, Buffer.concat([cached, chunk]));
}

function requireGoingOn(signal: WriteOptions['signal'], path: string): void {
  if (signal?.aborted === true)
    throw new SpacepackError('interrupted', `Expected to write ${path} whole, was called off.`);
}
