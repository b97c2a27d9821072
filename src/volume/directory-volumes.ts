import { systemClock } from './clock.ts';
import type { Clock } from './port.ts';
import { checkFolder, thisSystem } from './remedies.ts';
import { createVolumes, type Volumes } from './volumes.ts';

/** A port over `directoryPlatform`: the folders below `root` are volumes. */
export function createDirectoryVolumes(root: string, clock: Clock = systemClock): Volumes {
  return createVolumes(
    async () => ({
      platform: (await import('./directories.ts')).directoryPlatform(root),
      clock,
      system: thisSystem,
    }),
    checkFolder,
  );
}
