import { errnoOf } from '../computer/errno.ts';
import { createGate, type Gate } from '../computer/gate.ts';
import { messageOf, SpacepackError } from '../protocol/errors.ts';
import { createChanges, type DriveChanges } from './changes.ts';
import { createFileVerbs, type FileVerbs } from './files.ts';
import { gateOf, MOUNT_MS } from './gates.ts';
import type { VolumePort } from './port.ts';
import { explained, type Hands } from './verb.ts';

/** A port together with what it holds open. */
export interface Volumes extends VolumePort {
  /** Closes the watchers behind `changed`. Not needed for the process to end. */
  dispose(): Promise<void>;
}

/** Longest time for a look at all drives, in ms. */
const LIST_MS = 30_000;

interface Ready {
  readonly hands: Hands;
  readonly files: FileVerbs;
  readonly changes: DriveChanges;
  readonly listing: Gate;
}

/**
 * The port over one platform, loaded when first used: a command should not load what it does not need. `checkCommand`
 * is the port's.
 */
export function createVolumes(load: () => Promise<Hands>, checkCommand: VolumePort['checkCommand']): Volumes {
  let loading: Promise<Ready> | null = null;
  let changes: DriveChanges | null = null;
  const ready = (): Promise<Ready> => {
    loading ??= load().then((hands) => {
      changes = createChanges(hands.platform, hands.clock);
      return { hands, files: createFileVerbs(hands), changes, listing: createGate(hands.clock) };
    });
    return loading;
  };
  return {
    list: async () => list(await ready()),
    changeCount: () => changes?.count() ?? 0,
    changed: async (since, ms, signal) => (await ready()).changes.changed(since, ms, signal),
    async mount(drive, volume, { readOnly = false } = {}) {
      const { hands } = await ready();
      const mounting = (): Promise<void> => hands.platform.mount(drive, volume, { readOnly });
      const doing = `mounting ${volume.id}`;
      await gateOf(hands, drive)
        .pass(doing, MOUNT_MS, mounting)
        .catch((thrown: unknown) => {
          const errno = errnoOf(thrown);
          if (thrown instanceof SpacepackError || errno === null) throw thrown;
          throw new SpacepackError('volume-not-mounted', `${doing}: found ${errno}.`, { cause: thrown });
        });
    },
    async release(mounted) {
      const { hands } = await ready();
      const releasing = (): Promise<readonly string[]> => hands.platform.release(mounted);
      const doing = `releasing ${mounted.volume.id}`;
      return gateOf(hands, mounted.drive)
        .pass(doing, MOUNT_MS, releasing)
        .catch(async (thrown: unknown) => {
          throw await explained(hands, mounted, thrown, doing);
        });
    },
    hold: async (mounted) => (await import('./hold.ts')).holdVolume((await ready()).hands, mounted),
    checkCommand,
    entries: async (volume, folder) => (await ready()).files.entries(volume, folder),
    read: async (volume, path, limitBytes) => (await ready()).files.read(volume, path, limitBytes),
    write: async (volume, path, data, options) => (await ready()).files.write(volume, path, data, options),
    readBack: async (volume, path, onBytes) => (await ready()).files.readBack(volume, path, onBytes),
    readPart: async (volume, path, part) => (await ready()).files.readPart(volume, path, part),
    remove: async (volume, path) => (await ready()).files.remove(volume, path),
    freeBytes: async (volume) => (await ready()).files.freeBytes(volume),
    dispose: async () => (await loading)?.changes.dispose(),
  };
}

async function list({ hands, changes, listing }: Ready): ReturnType<VolumePort['list']> {
  await changes.look();
  try {
    return await listing.pass('listing the drives', LIST_MS, () => hands.platform.list());
  } catch (thrown) {
    if (thrown instanceof SpacepackError && thrown.code === 'listing-failed') throw thrown;
    throw new SpacepackError('listing-failed', messageOf(thrown), { cause: thrown });
  }
}
