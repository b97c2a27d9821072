import { expect, test } from 'vitest';
import { reservedPath } from '../fake-volume/cards/card.ts';
import { buildPayload, createMemoryWorld, RESERVED } from '../fake-volume/index.ts';
import { rewriteValue } from '../fake-volume/scenarios/tamper.ts';
import { playUpdate } from './play.ts';

test('nothing is removed from a device with an unknown protocol, though its record is resolved (protocol §11.2)', async () => {
  const left = reservedPath(RESERVED.payload);
  const world = createMemoryWorld({
    devices: [
      {
        troubles: [
          {
            at: 'ready',
            visits: [2],
            does({ card }) {
              rewriteValue(card, RESERVED.info, 'protocol', '2');
              card.write(left, new Uint8Array(5));
            },
          },
        ],
      },
    ],
  });
  await playUpdate(world.environment, buildPayload(), { capMs: 3_000 });
  await world.clock.sleep(60_000);
  const before = world.operations.length;
  for (const dryRun of [true, false]) {
    const { outcome } = await playUpdate(world.environment, buildPayload(), { dryRun });
    expect(outcome.code).toBe('applied');
  }
  expect(world.operations.slice(before).map(({ verb }) => verb)).not.toContain('remove');
  expect(world.records()).toEqual([]);
});
