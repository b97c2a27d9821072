import { afterAll, describe, expect, test } from 'vitest';
import { NEW_USER } from './bench.ts';
import { canStrike } from './built.ts';
import { type Outcome, playCase } from './case.ts';
import { openChannelSite } from './channel-site.ts';
import { isChange, pointsOf, strikesAt } from './points.ts';
import { RUNS, type RunName } from './runs.ts';
import { sampleOf } from './sample.ts';
import type { Point, Strike } from './strike.ts';
import { callOf, endedOf, keyOf, type Row, readTable, tableOf, writeTable } from './table.ts';
import { createTurns } from './turns.ts';

/** Whether the table is written anew, instead of compared. */
const KEEPS: boolean = process.env['SPACEPACK_FAULTS_KEEP'] !== undefined;

/** Cases that work at the same time; those that hang only wait. */
const AT_ONCE = 12;
/** For each case: most of it is waiting for a turn. */
const LONGEST_MS = 4 * 60 * 60_000;
/** A case that ends otherwise than the table has it or ends late, or that comes by without its call, is played again. */
const ATTEMPTS = 3;

/**
 * The program struck at each of its calls, or at a sample of them: what it says is true, it ends, the next run ends well, and all
 * is as the kept table has it.
 */
export async function atEachCall(name: RunName, extent: 'sample' | 'all'): Promise<void> {
  if (!canStrike()) {
    describe.skip(`${name}, struck at a call: needs Linux and a C compiler`, () => test('is skipped', () => {}));
    return;
  }
  const run = RUNS[name];
  const site = name === 'agent' ? await openChannelSite() : null;
  const household = site?.household ?? NEW_USER;
  const points = await pointsOf(run, household);
  const strikes = extent === 'all' ? strikesAt(points) : sampleOf(strikesAt(points));
  const kept = readTable(name);
  const seen = new Map<string, Row>();
  const turn = createTurns(AT_ONCE);

  const play = (strike: Strike): Promise<Outcome> => playCase(run, strike, household);
  const strikeOnce = (strike: Strike): Promise<Outcome> =>
    strike.harm.startsWith('hang') ? play(strike) : turn(() => play(strike));

  async function strikeUntilClear(strike: Strike): Promise<Outcome> {
    const expected = KEEPS ? undefined : kept.get(keyOf(strike))?.ended;
    const isClear = (outcome: Outcome): boolean =>
      outcome.struck && !outcome.late && (expected === undefined || endedOf(outcome) === expected);
    let outcome = await strikeOnce(strike);
    for (let left = ATTEMPTS - 1; left > 0 && !isClear(outcome); left -= 1) outcome = await strikeOnce(strike);
    return outcome;
  }

  afterAll(() => {
    site?.close();
    // With a filter (`-t`) only some cases are played: the other rows stay as they are.
    const rows = strikes.flatMap((strike) => seen.get(keyOf(strike)) ?? kept.get(keyOf(strike)) ?? []);
    if (KEEPS && extent === 'all') writeTable(name, tableOf(rows));
  });

  describe(`${name}, struck at a call`, () => {
    // A run of which no table was kept yet has none to compare with.
    test.skipIf(KEEPS || kept.size === 0)('changes what the table knows, and nothing else', () => {
      const known = [...kept.values()].map(({ strike }) => strike.point);
      const namesOf = (some: readonly Point[]): readonly string[] =>
        [...new Set(some.filter(isChange).map(callOf))].sort();
      expect(namesOf(points)).toEqual(namesOf(known));
    });

    test.concurrent.each(strikes.map((strike) => [keyOf(strike), strike] as const))(
      '%s: says what is true, ends, and the next run ends well',
      { timeout: LONGEST_MS },
      async (key, strike) => {
        const outcome = await strikeUntilClear(strike);
        // What is only looked at may be looked at once less, as time has it.
        if (!outcome.struck && !isChange(strike.point)) return;
        expect(outcome.struck, 'the call is made').toBe(true);
        seen.set(key, { strike, ended: endedOf(outcome) });
        expect(outcome.findings).toEqual([]);
        const expected = kept.get(key)?.ended;
        if (!KEEPS && expected !== undefined) expect(endedOf(outcome)).toBe(expected);
      },
    );
  });
}
