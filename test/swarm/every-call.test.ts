import { beforeAll, describe, expect, test } from 'vitest';
import type { Manner } from '../fake-volume/memory/operations.ts';
import { play } from './play.ts';
import { type StoryEvent, type StoryParts, type StoryRun, storyOf, USUAL_RUN } from './story.ts';

/** Each run by itself, and one that follows a run which was killed behind its commit. */
const RUNS: Readonly<Record<string, StoryParts>> = {
  'an update': {},
  'an update where nobody mounts': { host: { automounter: false } },
  'a ping': { runs: [{ action: 'ping' }] },
  'a run that resolves another': {
    runs: [{}, { atMs: 4_000 }],
    events: [{ when: { verb: 'release', path: null, visit: 1, device: 0 }, what: 'kill', run: 0 }],
  },
};

const MANNERS: Readonly<Record<string, Manner>> = {
  'fails before its effect': { when: 'before' },
  'fails after its effect': { when: 'after' },
  'never returns': { hang: 'never' },
  'takes effect when everybody has given up': { hang: 'late' },
};

const CODES = ['volume-io', 'volume-full', 'volume-read-only', 'volume-permission'] as const;

interface Counted {
  readonly steps: number;
  readonly ownCalls: number;
}

/** How many calls a story makes before its quiet runs. */
async function count(parts: StoryParts): Promise<Counted> {
  const { findings, counted } = await play(storyOf(parts));
  expect(findings, 'without any trouble').toEqual([]);
  return counted;
}

const numbers = (most: number): readonly number[] => Array.from({ length: most }, (_, index) => index + 1);

/** Plays each story; tells of those that end badly, by what was done to which call. */
async function badEnds(stories: readonly (readonly [name: string, parts: StoryParts])[]): Promise<readonly string[]> {
  const bad: string[] = [];
  for (const [name, parts] of stories) {
    const { findings } = await play(storyOf(parts));
    if (findings.length > 0) bad.push(`${name}: ${findings.map(({ kind }) => kind).join('; ')}`);
  }
  return bad;
}

describe.each(Object.entries(RUNS))('%s, of which call n', (_, parts) => {
  let counted: Counted = { steps: 0, ownCalls: 0 };
  beforeAll(async () => {
    counted = await count(parts);
  });

  test('there are calls', () => {
    expect(counted.steps).toBeGreaterThan(8);
    expect(counted.ownCalls).toBeGreaterThan(3);
  });

  test.each(Object.entries(MANNERS))('to the volume %s', async (_, manner) => {
    const codes = manner.hang === undefined ? CODES : [CODES[0]];
    const stories = numbers(counted.steps).flatMap((number) =>
      codes.map((code) => [`call ${number}, ${code}`, { ...parts, failures: [{ number, code, ...manner }] }] as const),
    );
    expect(await badEnds(stories)).toEqual([]);
  });

  test.each(Object.entries(MANNERS))(
    'to the own disk %s, once or from then on',
    { timeout: 120_000 },
    async (_, manner) => {
      const stories = numbers(counted.ownCalls).flatMap((from) => [
        [`call ${from}`, { ...parts, ownDisk: [{ from, count: 1, ...manner }] }] as const,
        [`from call ${from} on`, { ...parts, ownDisk: [{ from, ...manner }] }] as const,
      ]);
      expect(await badEnds(stories)).toEqual([]);
    },
  );
});

/** Who runs after a run that was killed, and when. */
const NEXT: Readonly<Record<string, Partial<StoryRun>>> = {
  'at once, the same user': { atMs: 10 },
  'when the device is away, the same user': { atMs: 4_500 },
  'when the device is back, the same user': { atMs: 60_000 },
  'at once, another user': { atMs: 10, user: 'ben' },
  'when the device is away, another user': { atMs: 4_500, user: 'ben' },
  'at once, for another image': { atMs: 10, version: 3 },
  'when the device is back, a dry run': { atMs: 60_000, dryRun: true },
};

describe.each(Object.entries(NEXT))('an update is killed before call n, and the next run comes %s', (_, next) => {
  test.each<[string, StoryParts]>([
    ['on a desktop', {}],
    ['where nobody mounts', { host: { automounter: false } }],
  ])('%s', async (_, parts) => {
    const counted = await count(parts);
    const kill = (when: StoryEvent['when']): StoryParts => ({
      ...parts,
      runs: [USUAL_RUN, next],
      events: [{ when, what: 'kill', run: 0 }],
    });
    const stories = [
      ...numbers(counted.steps).map((step) => [`call ${step}`, kill({ step })] as const),
      ...numbers(counted.ownCalls).map((ownCall) => [`call ${ownCall} to the own disk`, kill({ ownCall })] as const),
    ];
    expect(await badEnds(stories)).toEqual([]);
  });
});
