import { createBench } from './bench.ts';
import { LIMIT_MS, type Run } from './runs.ts';
import type { Errno, Harm, Point, Strike } from './strike.ts';

/** Of calls that a program repeats while it waits; how many there are, time decides. */
const KEPT: ReadonlySet<number> = new Set([1, 2, 3, 5, 8, 13, 21, 34]);

/** Every call that an unharmed run makes, in order. */
export async function pointsOf(run: Run, home: string | null): Promise<readonly Point[]> {
  const bench = await createBench(home);
  try {
    await run.prepare(bench);
    const { log, result } = await bench.run(run.argv(bench), null, LIMIT_MS);
    if (result?.exit !== 0) throw new Error(`expected an unharmed ${run.name} to end well, found ${result?.code}`);
    return log
      .filter(({ stage, occurrence }) => stage === '' || KEPT.has(occurrence))
      .map(({ call, path, occurrence, stage }) => ({ call, path, occurrence, stage }));
  } finally {
    bench.dispose();
  }
}

/** Whether a call changes something: such a one is made by every run, and what happened before it differs from what happens after. */
export const isChange = ({ stage }: Point): boolean => stage === '';

/** What else than EIO is likely to come of a call. */
const LIKELY: Readonly<Record<string, Errno>> = {
  create: 'EACCES',
  write: 'ENOSPC',
  fsync: 'ENOSPC',
  mkdir: 'EROFS',
  rename: 'EROFS',
  unlink: 'EROFS',
  open: 'EACCES',
  scandir: 'EMFILE',
  read: 'ENODEV',
};

/**
 * What can be done at a point. After the effect of a call that changes nothing is the same as before the next one, or as a
 * failure before the effect.
 */
export function harmsAt(point: Point): readonly Harm[] {
  const likely = LIKELY[point.call];
  const errnos: readonly Errno[] = likely === undefined ? ['EIO'] : ['EIO', likely];
  const before: readonly Harm[] = ['kill', 'hang', ...errnos.map((errno): Harm => `fail-before:${errno}`)];
  if (!isChange(point)) return before;
  return [...before, 'kill-after', 'hang-after', ...errnos.map((errno): Harm => `fail-after:${errno}`)];
}

export const strikesAt = (point: Point): readonly Strike[] => harmsAt(point).map((harm) => ({ point, harm }));
