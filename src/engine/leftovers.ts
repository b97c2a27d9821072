import { SpacepackError } from '../protocol/errors.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { Context } from './context.ts';
import { pathOf } from './reading.ts';

/**
 * Removes the payload and a dead trigger (protocol §2.6). The caller has made sure that no live trigger is there, and holds the
 * device's lock. Tells whether there was anything.
 */
export async function removeLeftovers(context: Context, volume: MountedVolume): Promise<boolean> {
  const { volumes } = context.environment;
  const { profile } = context;
  const entries = (await volumes.entries(volume, profile.folder)) ?? [];
  const names = entries.map(({ name }) => name.toUpperCase());
  // The trigger goes first: a payload without one is inert.
  const present = (['trigger', 'payload'] as const).filter((file) => names.includes(profile.files[file]));
  for (const file of present) await volumes.remove(volume, pathOf(context, file));
  return present.length > 0;
}

/** The same where it is a courtesy, and failing must not change how the run ends. `null`: it could not be done. */
export async function tryRemoveLeftovers(context: Context, volume: MountedVolume): Promise<boolean | null> {
  try {
    return await removeLeftovers(context, volume);
  } catch (thrown) {
    if (thrown instanceof SpacepackError) return null;
    throw thrown;
  }
}
