import { SpacepackError } from '../protocol/errors.ts';
import type { Event } from '../protocol/machine.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import { type Context, until } from './context.ts';
import { createMounter, isTarget } from './sighting.ts';

/** How often to look for a mount, in ms: a mount over an existing folder wakes nobody. */
const MOUNT_LOOK_MS = 500;

/** Makes a look believe a refusal of the card only once it has stood for `settleMs`: a drive that has just come shows no medium at first. */
function createBelief(context: Context): (look: () => Promise<MountedVolume | null>) => Promise<MountedVolume | null> {
  const { clock } = context.environment;
  let refusedSince: number | null = null;
  return async (look) => {
    try {
      const volume = await look();
      refusedSince = null;
      return volume;
    } catch (thrown) {
      if (!(thrown instanceof SpacepackError) || !thrown.code.startsWith('card-')) throw thrown;
      refusedSince ??= clock.now();
      if (clock.now() - refusedSince >= context.profile.patience.settleMs) throw thrown;
      return null;
    }
  };
}

/** Finds the target's control volume, mounted. Throws `no-device`, `card-*`, or why the volume could not be mounted. */
export async function discover(context: Context): Promise<Event> {
  const { target } = context.options;
  const { mountMs, returnMs } = context.profile.patience;
  const name = target.serial ?? target.driveId;
  const mountedVolume = createMounter(context);
  const believing = createBelief(context);
  let seen: Drive | undefined;
  const volume = await until(
    context,
    mountMs + returnMs,
    async () => {
      const drive = (await context.environment.volumes.list()).find((candidate) => isTarget(target, candidate));
      if (drive === undefined && seen === undefined) {
        throw new SpacepackError('no-device', `Expected ${name}, found no such drive.`);
      }
      seen = drive ?? seen;
      return drive === undefined ? null : believing(() => mountedVolume(drive));
    },
    MOUNT_LOOK_MS,
  );
  if (volume !== null) return { type: 'found', volume };
  const waitedMs = mountMs + returnMs;
  throw new SpacepackError(
    'volume-not-mounted',
    `Expected the volume of ${name} to be mounted within ${waitedMs} ms, found it unmounted.`,
  );
}
