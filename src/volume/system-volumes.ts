import { SpacepackError } from '../protocol/errors.ts';
import { type Computer, thisComputer } from './computer.ts';
import { createEnumerator, type Enumerator, type EnumeratorReport } from './enumerator.ts';
import type { Platform } from './platform.ts';
import { checkRemedy } from './remedies.ts';
import type { Hands } from './verb.ts';
import { createVolumes, type Volumes } from './volumes.ts';

/** The real drives of this computer. */
export interface SystemVolumes extends Volumes {
  /** Which lister has answered so far, and why. */
  describeEnumerator(): EnumeratorReport;
  /** The same, after asking drivelist once more, even if there is no USB disk and `list()` does not need it. */
  probeEnumerator(): Promise<EnumeratorReport>;
}

/** The drives of Linux, macOS or Windows. On another system each verb rejects with `listing-failed`. */
export function createSystemVolumes(computer: Computer = thisComputer): SystemVolumes {
  const { clock, system } = computer;
  const enumerator = createEnumerator(computer.drivelist, clock);
  const load = async (): Promise<Hands> => ({ platform: await loadPlatform(computer, enumerator), clock, system });
  const volumes = createVolumes(load, (volume) => checkRemedy(volume, system));
  return {
    ...volumes,
    describeEnumerator: () => enumerator.report(),
    async probeEnumerator() {
      await enumerator.disks();
      return enumerator.report();
    },
  };
}

async function loadPlatform(computer: Computer, enumerator: Enumerator): Promise<Platform> {
  switch (computer.system.platform) {
    case 'linux':
      return (await import('./linux/platform.ts')).linuxPlatform(computer, enumerator);
    case 'darwin':
      return (await import('./darwin/platform.ts')).darwinPlatform(computer, enumerator);
    case 'win32':
      return (await import('./win32/platform.ts')).win32Platform(computer, enumerator);
    default:
      throw new SpacepackError(
        'listing-failed',
        `Expected Linux, macOS or Windows, found ${computer.system.platform}.`,
      );
  }
}
