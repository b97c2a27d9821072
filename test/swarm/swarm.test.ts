import { describe, expect, test } from 'vitest';
import { chanceOf } from './chance.ts';
import { imagine } from './imagine.ts';
import { play } from './play.ts';
import { explain, playSeeds } from './seeds.ts';
import { shrink } from './shrink.ts';

/** A sample of what CI plays as a whole with `npm run test:swarm`. */
const SEEDS = 300;

describe('a seed', () => {
  test('gives the same chance on any machine', () => {
    const chance = chanceOf(42);
    expect([chance.number(0, 999), chance.number(0, 999), chance.number(0, 999)]).toEqual([354, 444, 945]);
  });

  test('gives the same story, and the story the same end', async () => {
    for (const seed of [3, 7, 24, 51, 150]) {
      expect(imagine(seed)).toEqual(imagine(seed));
      expect(await play(imagine(seed))).toEqual(await play(imagine(seed)));
    }
  });
});

describe('a story that fails', () => {
  test('is shrunk to what it fails by, and computers and devices become usual ones', async () => {
    const story = [...Array(300).keys()].map(imagine).find(({ events }) => events.some(({ what }) => what === 'sleep'));
    if (story === undefined) throw new TypeError('some computer sleeps in 300 stories');
    const smallest = await shrink(story, async ({ events }) => events.some(({ what }) => what === 'sleep'));
    expect(smallest.events.map(({ what }) => what)).toEqual(['sleep']);
    expect(smallest).toMatchObject({ failures: [], looks: [], ownDisk: [], host: { serials: 'told', listMs: 0 } });
    expect(smallest.runs).toHaveLength(1);
  });
});

describe('whatever happens', () => {
  test('no word is false, no byte of a user is lost, and the next quiet run ends well', {
    timeout: 180_000,
  }, async () => {
    const failed = await playSeeds(1, SEEDS);
    const [first] = failed;
    const [finding] = first?.findings ?? [];
    const story = first === undefined || finding === undefined ? '' : await explain(first.seed, finding.kind);
    expect(failed.map(({ seed, findings }) => `${seed}: ${findings[0]?.kind}`).slice(0, 20), story).toEqual([]);
  });
});
