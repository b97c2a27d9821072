import { SpacepackError } from '../protocol/errors.ts';
import type { Event } from '../protocol/machine.ts';
import { type Context, until } from './context.ts';
import { createMounter, isTarget } from './sighting.ts';

/** How often to look for a mount, in ms: a mount over an existing folder wakes nobody. */
export const MOUNT_LOOK_MS = 500;

/** Finds the target's control volume, mounted. Throws `no-device`, `card-*`, or why the volume could not be mounted. */
export async function discover(context: Context): Promise<Event> {
  const { target } = context.options;
  const mountedVolume = createMounter(context);
  let seen = false;
  const { mountMs, returnMs } = context.profile.patience;
  const volume = await until(
    context,
    mountMs + returnMs,
    async () => {
      const drive = (await context.environment.volumes.list()).find((candidate) => isTarget(target, candidate));
      if (drive === undefined) {
        if (!seen)
          throw new SpacepackError('no-device', `Expected ${target.serial ?? target.driveId}, found no such drive.`);
        return null;
      }
      seen = true;
      return mountedVolume(drive);
    },
    MOUNT_LOOK_MS,
  );
  if (volume !== null) return { type: 'found', volume };
  throw new SpacepackError(
    'volume-not-mounted',
    `Expected the volume of ${target.serial ?? target.driveId} to be mounted within ${mountMs + returnMs} ms, found it unmounted.`,
  );
}
