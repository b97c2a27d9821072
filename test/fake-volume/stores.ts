import { SpacepackError } from '../../src/protocol/errors.ts';
import type { LockStore, OpenRecord, RecordStore } from '../../src/volume/port.ts';

/** Records that live as long as the world: they outlive every run in it. */
export function createMemoryRecords(): RecordStore {
  const records = new Map<string, OpenRecord>();
  return {
    list: async () => [...records.values()].reverse(),
    prepare: async () => undefined,
    save: async (record) => void records.set(record.nonce, record),
    close: async (nonce) => void records.delete(nonce),
  };
}

/** Locks between the runs of one world. */
export function createMemoryLocks(): LockStore {
  const held = new Set<string>();
  return {
    async acquire(name) {
      if (held.has(name)) throw new SpacepackError('device-locked', `Another run in this world holds ${name}.`);
      held.add(name);
      return async () => void held.delete(name);
    },
  };
}
