import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Campaign, runCampaign } from './campaign.ts';
import { readCorpus } from './corpus.ts';
import { type Coverage, startCoverage } from './coverage.ts';
import { parsePlanted } from './planted.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets/index.ts';

/** Sees nothing, and costs nothing. */
const BLIND: Coverage = { take: () => 0, skip: () => undefined, forget: () => undefined, stop: () => undefined };

// The search for new faults is `npm run fuzz`. This is what was found once, and a little around it.
describe('parsers of bytes from outside keep their promises', () => {
  test.each(TARGETS)('$name', async (target) => {
    const kept = readCorpus(join(import.meta.dirname, 'corpus'), target.name);
    expect(kept.length).toBeGreaterThan(0);
    const most = 1_000 / (target.cost ?? 1);
    const { executions, fault } = await runCampaign(target, kept, BLIND, { seed: 1, goesOn: (count) => count < most });
    expect(fault?.message).toBeUndefined();
    expect(executions).toBeGreaterThanOrEqual(most);
  });

  test('the corpus is small', () => {
    const sizes = TARGETS.flatMap(({ name }) => readCorpus(join(import.meta.dirname, 'corpus'), name));
    expect(sizes.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(200 * 1024);
  });
});

describe('the fuzzer', () => {
  const planted: Target = {
    name: 'planted',
    words: ['F', 'U', 'Z', 'z'],
    seeds: () => [Buffer.from('....')],
    run: (bytes) => {
      parsePlanted(bytes);
      return 'parsed';
    },
  };
  let led: Coverage;
  beforeAll(() => {
    led = startCoverage((url) => url.includes('planted'));
  });
  beforeEach(() => led.forget());
  afterAll(() => led.stop());
  const campaign = (coverage: Coverage, seed: number, most: number): Promise<Campaign> =>
    runCampaign(planted, [], coverage, { seed, goesOn: (executions) => executions < most });

  test('finds, led by the coverage, a fault that blind changes do not', async () => {
    const { fault, executions } = await campaign(led, 1, 200_000);
    expect(fault?.message).toContain('the planted fault');
    expect(Buffer.from(fault?.bytes ?? []).toString('latin1')).toMatch(/^FUZz/);
    expect((await campaign(BLIND, 1, executions)).fault).toBeNull();
  });

  test('does the same again for the same seed', async () => {
    const one = await campaign(led, 7, 1_000);
    led.forget();
    const other = await campaign(led, 7, 1_000);
    const told = ({ executions, corpus, fault }: Campaign) => ({ executions, corpus, bytes: fault?.bytes });
    expect(told(other)).toEqual(told(one));
    expect(one.corpus.length).toBeGreaterThan(1);
  });
});
