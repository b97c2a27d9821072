import { SpacepackError } from '../protocol/errors.ts';
import { darwinPlatform } from './darwin/platform.ts';
import { createEnumerator, type Enumerator, type EnumeratorReport } from './enumerator.ts';
import { linuxPlatform } from './linux/platform.ts';
import { type Outside, thisMachine } from './outside.ts';
import type { Platform } from './platform.ts';
import { createVolumes, type Volumes } from './volumes.ts';
import { win32Platform } from './win32/platform.ts';

/** The real drives of this computer. */
export interface SystemVolumes extends Volumes {
  /** Which lister answered so far, and why. */
  describeEnumerator(): EnumeratorReport;
  /** The same after asking drivelist once more, also where there is no USB disk and `list()` has no need of it. */
  probeEnumerator(): Promise<EnumeratorReport>;
}

const PLATFORMS: Readonly<Partial<Record<NodeJS.Platform, (outside: Outside, enumerator: Enumerator) => Platform>>> = {
  linux: linuxPlatform,
  darwin: darwinPlatform,
  win32: win32Platform,
};

/** The drives of Linux, macOS or Windows. On another system each verb rejects with `listing-failed`. */
export function createSystemVolumes(outside: Outside = thisMachine): SystemVolumes {
  const enumerator = createEnumerator(outside.drivelist, outside.clock);
  const platform = PLATFORMS[outside.system.platform]?.(outside, enumerator);
  if (platform === undefined) {
    throw new SpacepackError('listing-failed', `expected Linux, macOS or Windows, found ${outside.system.platform}`);
  }
  const volumes = createVolumes({ platform, clock: outside.clock, system: outside.system });
  return {
    ...volumes,
    describeEnumerator: () => enumerator.report(),
    async probeEnumerator() {
      await enumerator.disks();
      return enumerator.report();
    },
  };
}
