import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Strike } from './strike.ts';

/** How many cases a run in CI plays of each run: of those that end by themselves, and of those that hang. */
const ENDING = 30;
const HANGING = 6;

/** Of `SPACEPACK_FAULTS_SEED`, else of the commit, so that each change is met by other cases; told, so that it can be had again. */
function seedNow(): string {
  const given = process.env['SPACEPACK_FAULTS_SEED'];
  if (given !== undefined) return given;
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'no commit';
  }
}

/** Evenly spread over the table, from a start that the seed chooses. */
export function sampleOf(strikes: readonly Strike[], seed: string = seedNow()): readonly Strike[] {
  process.stdout.write(`SPACEPACK_FAULTS_SEED='${seed}'\n`);
  const first = createHash('sha256').update(seed).digest().readUInt32LE(0);
  const hangs = strikes.filter(({ harm }) => harm.startsWith('hang'));
  const ends = strikes.filter(({ harm }) => !harm.startsWith('hang'));
  return [...spread(hangs, HANGING, first), ...spread(ends, ENDING, first)];
}

function spread(strikes: readonly Strike[], count: number, first: number): readonly Strike[] {
  if (strikes.length <= count) return strikes;
  const step = strikes.length / count;
  return Array.from({ length: count }, (_, index) => strikes[Math.floor(first + index * step) % strikes.length]).filter(
    (strike) => strike !== undefined,
  );
}
