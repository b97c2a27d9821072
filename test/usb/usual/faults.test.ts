import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../fake-volume/random.ts';
import { pause } from '../machine/guest.ts';
import { ended, expectRepeatable, failFrom, fromProgram, plugVictim, updateWith, useDesk } from '../mishap.ts';

const MIB = 1024 * 1024;

const desk = useDesk();

describe('a device with real USB', () => {
  test('whose card refuses every write is not updated, and then is', async () => {
    const victim = await plugVictim(desk);
    victim.stick.trap = failFrom(0);
    expect(ended(await desk.bench.spacepack(desk.update))).toEqual({ status: 6, code: 'volume-io' });
    await expectRepeatable(desk, victim);
  });

  test('whose card refuses the first flush is not updated', async () => {
    const { stick } = await plugVictim(desk);
    stick.trap = fromProgram(({ kind }) => (kind === 'flush' ? 'medium-error' : 'done'));
    expect(ended(await desk.bench.spacepack(desk.update))).toEqual({ status: 6, code: 'volume-io' });
    expect(stick.firmware.revision).toBe('A100');
  });

  test('that hangs for 30 s in the middle of the payload takes the update all the same', async () => {
    const { stick } = await plugVictim(desk);
    let isHung = false;
    stick.trap = fromProgram(async () => {
      if (!isHung) {
        isHung = true;
        await pause(30_500);
      }
      return 'done' as const;
    });
    expect(ended(await desk.bench.spacepack(desk.update))).toEqual({ status: 0, code: 'applied' });
  });

  test('that turns read-only before the payload is not updated, and then is', async () => {
    const victim = await plugVictim(desk);
    victim.stick.writeProtected = true;
    const { status, code } = await desk.bench.spacepack(desk.update);
    expect(status).toBe(6);
    expect(['volume-io', 'volume-read-only']).toContain(code);
    await expectRepeatable(desk, victim);
  });

  test('that is mounted read-only is refused by that name', async () => {
    const stick = await desk.bench.stick();
    stick.writeProtected = true;
    await desk.bench.plug(stick);
    expect(ended(await desk.bench.spacepack(desk.update))).toEqual({ status: 6, code: 'volume-read-only' });
  });

  test('whose card is full is refused by that name', async () => {
    const stick = await desk.bench.stick();
    stick.content.write('Films/A film that fills the card.mov', new Uint8Array(45 * MIB));
    await desk.bench.plug(stick);
    const big = desk.bench.payload('big.dfu', { code: seededRandom('big')(16 * MIB) });
    expect(ended(await desk.bench.spacepack(updateWith(big)))).toEqual({ status: 6, code: 'volume-full' });
  });

  test('that comes back with a damaged table is never called updated without proof', async () => {
    const stick = await desk.bench.stick({
      troubles: [{ at: 'check', visits: [1], does: ({ card }) => card.damage() }],
    });
    await desk.bench.plug(stick);
    expect(ended(await desk.bench.spacepack(desk.update))).toEqual({ status: 9, code: 'returned-stale' });
    // The new firmware runs, but it may write nothing to such a card (protocol §9.5).
    expect(stick.firmware.revision).toBe('A200');
  });
});
