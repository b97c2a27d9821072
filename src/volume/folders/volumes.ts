import type { Clock } from '../../computer/clock.ts';
import { systemClock } from '../../computer/clock.ts';
import { checkFolder, thisSystem } from '../remedies.ts';
import { createVolumes, type Volumes } from '../volumes.ts';

/** A port over `directoryPlatform`: the folders below `root` are the volumes. */
export function createDirectoryVolumes(root: string, clock: Clock = systemClock): Volumes {
  return createVolumes(
    async () => ({
      platform: (await import('./platform.ts')).directoryPlatform(root),
      clock,
      system: thisSystem,
    }),
    checkFolder,
  );
}
