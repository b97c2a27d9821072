import { systemClock } from './clock.ts';
import type { Environment, RecordStore } from './port.ts';
import { thisSystem } from './remedies.ts';
import { createSystemVolumes } from './system.ts';
import { createVolumes, type Volumes } from './volumes.ts';

export interface EnvironmentOptions {
  /** Volumes are the folders below this one, instead of the system's. */
  readonly root?: string;
  /** Where records and locks live, instead of the user's place for application data. */
  readonly stateDirectory?: string;
  /** Told, in one line, of what people should know and nothing depends on. */
  readonly notice?: (text: string) => void;
}

/** The real world, or a folder that stands for its drives. Its parts are loaded when they are first used. */
export function createEnvironment({ root, stateDirectory, notice }: EnvironmentOptions = {}): Environment & {
  readonly volumes: Volumes;
} {
  const state = async (): Promise<string> =>
    stateDirectory ?? (await import('./state-directory.ts')).defaultStateDirectory();
  const soon = async <T>(work: () => Promise<T>, late?: (result: T) => unknown): Promise<T> => {
    const [{ onOwnDisk }, folder] = await Promise.all([import('../own-disk.ts'), state()]);
    return onOwnDisk(folder, work, late);
  };
  const records = async (): Promise<RecordStore> => (await import('./records.ts')).createRecordStore(state, notice);
  return {
    volumes: root === undefined ? createSystemVolumes() : folderVolumes(root),
    clock: systemClock,
    records: {
      list: () => soon(async () => (await records()).list()),
      prepare: () => soon(async () => (await records()).prepare()),
      save: (record) => soon(async () => (await records()).save(record)),
      close: (nonce) => soon(async () => (await records()).close(nonce)),
    },
    locks: {
      // A lock that comes too late is given back: nobody waits for it any more.
      acquire: (name) =>
        soon(
          async () => (await import('./locks.ts')).createLockStore(state).acquire(name),
          (giveBack) => giveBack(),
        ),
    },
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    date: () => new Date(),
  };
}

function folderVolumes(root: string): Volumes {
  return createVolumes(async () => ({
    platform: (await import('./directories.ts')).directoryPlatform(root),
    clock: systemClock,
    system: thisSystem,
  }));
}
