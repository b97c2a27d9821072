import { createBench, type Household } from './bench.ts';
import { LIMIT_MS, type Run } from './runs.ts';
import type { Errno, Harm, Point, Strike } from './strike.ts';

/** Of calls that a program repeats while it waits; how many there are, time decides. */
const KEPT: ReadonlySet<number> = new Set([1, 2, 3, 5, 8, 13, 21, 34]);

/** Every call that an unharmed run makes, in order. */
export async function pointsOf(run: Run, household: Household): Promise<readonly Point[]> {
  const bench = await createBench(household, run.awayMs);
  try {
    await run.prepare(bench);
    const { log, result } = await bench.run(run.argv(bench), null, LIMIT_MS);
    if (result === null || result.exit === 1)
      throw new Error(`expected a result of an unharmed ${run.name}, found none`);
    return log
      .filter(({ stage, occurrence }) => stage === '' || KEPT.has(occurrence))
      .map(({ call, path, occurrence, stage }) => ({ call, path, occurrence, stage }));
  } finally {
    bench.dispose();
  }
}

/** Whether a call changes something: such a one is made by every run, and what happened before it differs from what happens after. */
export const isChange = ({ stage }: Point): boolean => stage === '';

/** How a call that changes something may fail: the medium, no room, no writing, no right. */
const CHANGING: readonly Errno[] = ['EIO', 'ENOSPC', 'EROFS', 'EACCES'];

/** What else than EIO is likely to come of a call that only looks. */
const LIKELY: Readonly<Record<string, Errno>> = {
  open: 'EACCES',
  opendir: 'EACCES',
  scandir: 'EMFILE',
  read: 'ENODEV',
};

/**
 * What can be done at a point. After the effect of a call that changes nothing is the same as before the next one, or as a
 * failure before the effect.
 */
function harmsAt(point: Point): readonly Harm[] {
  if (isChange(point)) {
    const failures = CHANGING.flatMap((errno): Harm[] => [`fail-before:${errno}`, `fail-after:${errno}`]);
    return ['kill', 'kill-after', 'hang', 'hang-after', ...failures];
  }
  const likely = LIKELY[point.call];
  // A folder that hangs is noticed by the call before, which does not hold the program's only thread (README.md).
  const hang: readonly Harm[] = point.call === 'watch' ? [] : ['hang'];
  return ['kill', ...hang, 'fail-before:EIO', ...(likely === undefined ? [] : [`fail-before:${likely}` as const])];
}

/**
 * All that can be done at points, in order. Killed between two changes, a program leaves the same files as killed after the
 * one or before the other; so a look kills behind the last change only, where the device goes on alone.
 */
export function strikesAt(points: readonly Point[]): readonly Strike[] {
  const lastStage = points.at(-1)?.stage;
  return points.flatMap((point) =>
    harmsAt(point)
      .filter((harm) => harm !== 'kill' || isChange(point) || point.stage === lastStage)
      .map((harm) => ({ point, harm })),
  );
}
