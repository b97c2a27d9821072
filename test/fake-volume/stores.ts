import { SpacepackError } from '../../src/protocol/errors.ts';
import type { LockStore, OpenRecord, RecordStore } from '../../src/volume/port.ts';

/** Records that live as long as the world: they outlive every run in it. */
export function createMemoryRecords(): RecordStore {
  const records = new Map<string, OpenRecord>();
  return {
    load: async (serial) => records.get(serial) ?? null,
    save: async (record) => void records.set(record.serial, record),
    close: async (serial) => void records.delete(serial),
  };
}

/** Locks between the runs of one world. */
export function createMemoryLocks(): LockStore {
  const held = new Set<string>();
  return {
    async acquire(serial) {
      if (held.has(serial)) throw new SpacepackError('device-locked', `Another run in this world holds ${serial}.`);
      held.add(serial);
      return async () => void held.delete(serial);
    },
  };
}
