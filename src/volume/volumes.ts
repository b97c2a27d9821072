import { SpacepackError } from '../protocol/errors.ts';
import { createChanges } from './changes.ts';
import { createFileVerbs } from './files.ts';
import type { VolumePort } from './port.ts';
import type { Hands } from './verb.ts';
import { within } from './within.ts';

/** A port together with what it holds open. */
export interface Volumes extends VolumePort {
  /** Closes the watcher behind `changed`. Not needed for the process to end. */
  dispose(): Promise<void>;
}

/** Longest time for a look at all drives, in ms. */
const LIST_MS = 30_000;
/** Mounting and unmounting move data: a slow stick takes its time, and one that is reset 32 s. */
const MOUNT_MS = 120_000;

/** The port over one platform. */
export function createVolumes(hands: Hands): Volumes {
  const { platform, clock } = hands;
  const changes = createChanges(platform, clock);
  return {
    ...createFileVerbs(hands),
    async list() {
      await changes.remember();
      try {
        return await within(clock, LIST_MS, 'listing the drives', platform.list());
      } catch (thrown) {
        if (thrown instanceof SpacepackError && thrown.code === 'listing-failed') throw thrown;
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        throw new SpacepackError('listing-failed', message, { cause: thrown });
      }
    },
    changed: (ms, signal) => changes.changed(ms, signal),
    mount: (drive, volume) => within(clock, MOUNT_MS, `mounting ${volume.id}`, platform.mount(drive, volume)),
    release: (mounted) => within(clock, MOUNT_MS, `releasing ${mounted.volume.id}`, platform.release(mounted)),
    dispose: () => changes.dispose(),
  };
}
