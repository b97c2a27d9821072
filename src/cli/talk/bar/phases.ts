import type { Phase } from '../../../protocol/machine.ts';

/** A part of a run as people see it: the machine's phases, with `stage` split into writing and reading back. */
export type Part = Exclude<Phase, 'stage' | 'done'> | 'write' | 'verify';

interface PartFacts {
  readonly name: string;
  /** The share of the whole bar. Waiting for the device counts as work. */
  readonly weight: number;
  /** The usual ms, until the device or the measured speed gives a better figure. */
  readonly usualMs: number;
}

/** In the order of an update. */
export const PARTS: Readonly<Record<Part, PartFacts>> = {
  discover: { name: 'Finding', weight: 2, usualMs: 300 },
  identify: { name: 'Identifying', weight: 3, usualMs: 300 },
  write: { name: 'Writing', weight: 25, usualMs: 5_000 },
  verify: { name: 'Reading back', weight: 10, usualMs: 2_000 },
  commit: { name: 'Committing', weight: 3, usualMs: 500 },
  release: { name: 'Unmounting', weight: 5, usualMs: 1_500 },
  depart: { name: 'Device leaves', weight: 12, usualMs: 3_000 },
  return: { name: 'Device returns', weight: 35, usualMs: 20_000 },
  confirm: { name: 'Confirming', weight: 5, usualMs: 500 },
};

export const PART_ORDER = Object.keys(PARTS) as readonly Part[];

/** The parts of a ping: nothing is staged. */
export const PING_ORDER: readonly Part[] = PART_ORDER.filter((part) => part !== 'write' && part !== 'verify');
