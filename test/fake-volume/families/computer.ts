import type { OpenRecord } from '../../../src/protocol/commitment.ts';
import type { Environment } from '../../../src/volume/port.ts';

/** A computer with these volumes, on which nobody else runs, and which keeps its records in a map. */
export function aComputer(
  { volumes, clock }: Pick<Environment, 'volumes' | 'clock'>,
  records: Map<string, OpenRecord>,
  random: Environment['random'],
): Environment {
  return {
    volumes,
    clock,
    records: {
      list: async () => [...records.values()],
      prepare: async () => {},
      save: async (record) => void records.set(record.nonce, JSON.parse(JSON.stringify(record))),
      close: async (nonce) => void records.delete(nonce),
    },
    locks: { acquire: async () => async () => {} },
    random,
    date: () => new Date(0),
  };
}
