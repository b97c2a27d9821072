import { SpacepackError } from '../protocol/errors.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { RunContext } from './context.ts';
import { fileNameIn, readInfo, readTrigger } from './reading.ts';

/** The paths of what an update leaves behind, in the order of removal: a payload without a trigger is inert. */
function leftoversOf({ family: { files, write } }: RunContext): readonly string[] {
  const paths = files.payload === null ? [files.trigger.path] : [files.trigger.path, files.payload.path];
  return write.isOver ? paths.filter((path) => path !== files.trigger.path) : paths;
}

/** Whether a file that is there may be removed. */
async function isOurs(context: RunContext, volume: MountedVolume, path: string): Promise<boolean> {
  const { environment, family, options } = context;
  if (family.isOurs === undefined) return true;
  if (options.job.kind !== 'install') return false;
  const { image } = options.job;
  const bytes = await environment.volumes.read(volume, path, image.sizeBytes + 1);
  return bytes !== null && family.isOurs(bytes, image);
}

/** Removes what is there of a trigger that did not arrive whole, before the device acts on it. */
export async function removeTorn(context: RunContext, volume: MountedVolume): Promise<void> {
  await context.hold(volume);
  await context.environment.volumes.remove(volume, context.family.files.trigger.path);
}

/**
 * Removes the payload and a dead trigger; leaves both if the trigger is live, or if the device's files do not show that
 * it is not (protocol §2.6, §11.2). Holds the volume from then on: a payload that another run is writing is not a
 * leftover. Returns whether there was anything to remove. Rejects with `device-locked` too.
 */
export async function removeLeftovers(context: RunContext, volume: MountedVolume): Promise<boolean> {
  const { volumes } = context.environment;
  const { family } = context;
  const entries = (await volumes.entries(volume, family.folder)) ?? [];
  const names = entries.map(({ name }) => name.toUpperCase());
  const present = leftoversOf(context).filter((path) => names.includes(fileNameIn(path)));
  if (present.length === 0) return false;
  await context.hold(volume);
  const info = await readInfo(context, volume);
  if (!family.isInert(info, await readTrigger(context, volume))) return false;
  let isRemoved = false;
  for (const path of present) {
    if (!(await isOurs(context, volume, path))) continue;
    await volumes.remove(volume, path);
    isRemoved = true;
  }
  return isRemoved;
}

/** The same as a courtesy: failing must not change how the run ends. `null`: it could not be done. */
export async function tryRemoveLeftovers(context: RunContext, volume: MountedVolume): Promise<boolean | null> {
  try {
    return await removeLeftovers(context, volume);
  } catch (thrown) {
    if (thrown instanceof SpacepackError) return null;
    throw thrown;
  }
}
