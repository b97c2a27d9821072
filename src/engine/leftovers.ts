import { SpacepackError } from '../protocol/errors.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { isLive } from '../protocol/trigger.ts';
import type { Context } from './context.ts';
import { pathOf, readInfo, readTrigger } from './reading.ts';

/**
 * Removes the payload and a dead trigger; leaves both where a live trigger is there, or where INFO.TXT cannot tell (protocol §2.6,
 * §11.2). Holds the volume from then on: a payload that another run is writing is nobody's leftover. Tells whether there was anything
 * to remove. Rejects with `device-locked` too.
 */
export async function removeLeftovers(context: Context, volume: MountedVolume): Promise<boolean> {
  const { volumes } = context.environment;
  const { profile } = context;
  const entries = (await volumes.entries(volume, profile.folder)) ?? [];
  const names = entries.map(({ name }) => name.toUpperCase());
  // The trigger goes first: a payload without one is inert.
  const present = (['trigger', 'payload'] as const).filter((file) => names.includes(profile.files[file]));
  if (present.length === 0) return false;
  await context.hold(volume);
  const info = await readInfo(context, volume);
  const trigger = await readTrigger(context, volume);
  if (info.kind !== 'intact' || info.value.details === null) return false;
  if (trigger.kind === 'intact' && isLive(trigger.value, info.value)) return false;
  for (const file of present) await volumes.remove(volume, pathOf(context, file));
  return true;
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
