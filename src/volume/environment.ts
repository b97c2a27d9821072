import { systemClock } from './clock.ts';
import { createDirectoryVolumes } from './directories.ts';
import { createLockStore } from './locks.ts';
import type { Environment } from './port.ts';
import { createRecordStore } from './records.ts';
import { defaultStateDirectory } from './state-directory.ts';
import { createSystemVolumes } from './system.ts';
import type { Volumes } from './volumes.ts';

export interface EnvironmentOptions {
  /** Volumes are the folders below this one, instead of the system's. */
  readonly root?: string;
  /** Where records and locks live, instead of the user's place for application data. */
  readonly stateDirectory?: string;
  /** Told, in one line, of what people should know and nothing depends on. */
  readonly notice?: (text: string) => void;
}

/** The real world, or a folder that stands for its drives. */
export function createEnvironment({ root, stateDirectory, notice }: EnvironmentOptions = {}): Environment & {
  readonly volumes: Volumes;
} {
  const state = async (): Promise<string> => stateDirectory ?? defaultStateDirectory();
  return {
    volumes: root === undefined ? createSystemVolumes() : createDirectoryVolumes(root),
    clock: systemClock,
    records: createRecordStore(state, notice),
    locks: createLockStore(state),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    date: () => new Date(),
  };
}
