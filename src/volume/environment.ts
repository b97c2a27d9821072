import { resolve } from 'node:path';
import { systemClock } from '../computer/clock.ts';
import type { RecordStore } from '../computer/records.ts';
import type { OpenRecord } from '../protocol/commitment.ts';
import type { Family } from '../protocol/family.ts';
import type { Drive } from '../protocol/sight.ts';
import { createDirectoryVolumes } from './folders/volumes.ts';
import type { Environment } from './port.ts';
import { createSystemVolumes } from './system-volumes.ts';
import type { Volumes } from './volumes.ts';

export interface EnvironmentOptions {
  /** The folders below this one are the volumes, instead of the system's drives. */
  readonly root?: string;
  /** Where records live, instead of the user's folder for application data. */
  readonly stateDirectory?: string;
  /** Receives, in one line, what people should know but nothing depends on. */
  readonly notice?: (text: string) => void;
  /** The families whose records are understood. */
  readonly families?: readonly Family[];
  /** The process to signal in order to end this one, reported to runs that find a device locked. Default: this one. */
  readonly endedBy?: number;
}

/** The real world, or a folder that stands for its drives. Its parts are loaded when they are first used. */
export function createEnvironment({
  root,
  stateDirectory,
  notice,
  families = [],
  endedBy,
}: EnvironmentOptions = {}): Environment & {
  readonly volumes: Volumes;
} {
  const folder = stateDirectory === undefined ? undefined : resolve(stateDirectory);
  const state = async (): Promise<string> =>
    folder ?? (await import('../computer/state-directory.ts')).defaultStateDirectory();
  const soon = async <T>(work: () => Promise<T>): Promise<T> => {
    const [{ onOwnDisk }, place] = await Promise.all([import('../computer/own-disk.ts'), state()]);
    return onOwnDisk(place, work);
  };
  // A device in another folder is a different device, even with the same serial number.
  const scope = root === undefined ? '' : resolve(root);
  // A record of a family that is not known here is for another version of spacepack to understand.
  const isUnderstood = ({ family, memory }: OpenRecord): boolean =>
    families.every(({ id, parseMemory }) => id !== family || parseMemory(memory) !== null);
  const records = async (): Promise<RecordStore> =>
    (await import('../computer/records.ts')).createRecordStore(state, notice, isUnderstood);
  return {
    volumes: root === undefined ? createSystemVolumes() : createDirectoryVolumes(root),
    // A folder that stands for a drive has no USB device beside it.
    ...(root === undefined && {
      flash: {
        open: async (drive: Drive, space: number | null) =>
          (await import('./usb/witness.ts')).createFlashWitness().open(drive, space),
      },
    }),
    clock: systemClock,
    records: {
      list: () => soon(async () => (await records()).list()),
      prepare: () => soon(async () => (await records()).prepare()),
      save: (record) => soon(async () => (await records()).save(record)),
      close: (nonce) => soon(async () => (await records()).close(nonce)),
    },
    locks: {
      acquire: async (name) =>
        (await import('../computer/locks.ts')).createLockStore(scope, undefined, endedBy).acquire(name),
    },
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    date: () => new Date(),
  };
}
