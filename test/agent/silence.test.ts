import { expect, test } from 'vitest';
import { SILENCE_MS, silenceMemory } from '../../src/agent/silence.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import type { FaultCode } from '../../src/protocol/faults.ts';
import { temporaryFolder } from '../cli/harness.ts';
import { createMemoryWorld } from '../fake-volume/index.ts';
import { aChannel } from './a-channel.ts';
import { aHousehold } from './a-run.ts';

/** A computer with a device, and a channel that was last heard so long ago and is not heard now. */
function silentFor(ms: number | null, failure: FaultCode | null = 'channel-unreachable') {
  const { environment } = createMemoryWorld();
  const channel = aChannel();
  const heard = { at: ms === null ? null : new Date(environment.date().getTime() - ms) };
  const household = aHousehold({
    environment,
    channel: {
      ...channel,
      heardAt: async () => heard.at,
      async check() {
        if (failure !== null) throw new SpacepackError(failure, 'No answer.');
        return { ...(await channel.check()), freshness: 'offline' };
      },
    },
  });
  const run = async () => household.run().catch((thrown: SpacepackError) => thrown.code);
  return { household, run, heard };
}

const DAY_MS = 86_400_000;

test.each<[string, number | null, FaultCode | null]>([
  ['for its patience', SILENCE_MS, 'channel-unreachable'],
  ['for its patience, while what it said is still used', SILENCE_MS, null],
  ['for its patience, because something else answers', SILENCE_MS, 'channel-untrusted'],
  ['until what it said expired', DAY_MS, 'channel-expired'],
  ['for ever', null, 'channel-unreachable'],
])('of a channel that was silent %s the person is told, once', async (_, ms, failure) => {
  const { household, run } = silentFor(ms, failure);
  const ended = await run();
  if (failure === null) expect(ended).toMatchObject({ channel: { freshness: 'offline' } });
  else expect(ended).toBe(failure);
  expect(household.notices).toMatchObject([{ title: expect.stringContaining('no word from the channel') }]);
  await run();
  expect(household.notices).toHaveLength(1);
});

test.each([0, DAY_MS, SILENCE_MS - 3_600_000, -DAY_MS])('of a silence of %d ms nobody is told', async (ms) => {
  const { household, run } = silentFor(ms);
  expect(await run()).toBe('channel-unreachable');
  expect(household.notices).toEqual([]);
});

test('of the next silence the person is told again', async () => {
  const { household, run, heard } = silentFor(SILENCE_MS);
  await run();
  heard.at = new Date((heard.at?.getTime() ?? 0) - DAY_MS);
  await run();
  expect(household.notices).toHaveLength(2);
});

test('what the person was told is kept', async () => {
  const folder = temporaryFolder();
  const memory = silenceMemory(async () => folder);
  expect(await memory.told()).toBeUndefined();
  await memory.remember(null);
  expect(await memory.told()).toBeNull();
  await memory.remember('2026-01-01T00:00:00.000Z');
  expect(await silenceMemory(async () => folder).told()).toBe('2026-01-01T00:00:00.000Z');
});
