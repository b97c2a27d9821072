import { expect, test } from 'vitest';
import { reservedPath } from '../fake-volume/cards/card.ts';
import { buildPayload, createMemoryWorld, RESERVED } from '../fake-volume/index.ts';
import { rewriteValue } from '../fake-volume/scenarios/tamper.ts';
import { imageOf, playUpdate } from './play.ts';

test('the card of another device, put in while this one stays where it is, says nothing about this one', async () => {
  const payload = buildPayload();
  const { imageHash } = await imageOf(payload);
  const world = createMemoryWorld({
    onOperation({ verb }, { card }) {
      if (verb !== 'release') return;
      card.remove(reservedPath(RESERVED.trigger));
      const other = { serial: 'SP00000002', 'boot-count': '9', image: imageHash, version: '2.0.0+0' };
      for (const [key, value] of Object.entries(other)) rewriteValue(card, RESERVED.info, key, value);
    },
  });
  const { outcome } = await playUpdate(world.environment, payload);
  expect(outcome).toMatchObject({ verdict: 'indeterminate', to: null, oldFirmware: 'unknown' });
  expect(world.records()).toHaveLength(1);
});
