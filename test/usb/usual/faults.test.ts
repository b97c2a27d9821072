import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { seededRandom } from '../../fake-volume/random.ts';
import { type Bench, openBench } from '../bench.ts';
import { pause } from '../machine/guest.ts';
import { ended, expectRepeatable, failFrom, plugVictim, updateWith } from '../mishap.ts';

const MIB = 1024 * 1024;

let bench: Bench;
let update: string;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  update = updateWith(bench.payload('v2.dfu'));
  await bench.automount('udisks');
});
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe('a device with real USB', () => {
  it('whose card refuses every write is not updated, and then is', async () => {
    const victim = await plugVictim(bench);
    victim.stick.trap = failFrom(0);
    expect(ended(await bench.spacepack(update))).toEqual({ status: 6, code: 'volume-io' });
    await expectRepeatable(bench, update, victim);
  });

  it('whose card refuses the first flush is not updated', async () => {
    const { stick } = await plugVictim(bench);
    stick.trap = ({ kind }) => (kind === 'flush' ? 'medium-error' : 'done');
    expect(ended(await bench.spacepack(update))).toEqual({ status: 6, code: 'volume-io' });
    expect(stick.firmware.revision).toBe('A100');
  });

  it('that hangs for 30 s in the middle of the payload takes the update all the same', async () => {
    const { stick } = await plugVictim(bench);
    let isHung = false;
    stick.trap = async ({ kind }) => {
      if (kind !== 'write' || isHung) return 'done' as const;
      isHung = true;
      await pause(30_500);
      return 'done' as const;
    };
    expect(ended(await bench.spacepack(update))).toEqual({ status: 0, code: 'applied' });
  });

  it('that turns read-only before the payload is not updated, and then is', async () => {
    const victim = await plugVictim(bench);
    victim.stick.writeProtected = true;
    const { status, code } = await bench.spacepack(update);
    expect(status).toBe(6);
    expect(['volume-io', 'volume-read-only']).toContain(code);
    await expectRepeatable(bench, update, victim);
  });

  it('that is mounted read-only is refused by that name', async () => {
    const stick = await bench.stick();
    stick.writeProtected = true;
    await bench.plug(stick);
    expect(ended(await bench.spacepack(update))).toEqual({ status: 6, code: 'volume-read-only' });
  });

  it('whose card is full is refused by that name', async () => {
    const stick = await bench.stick();
    stick.content.write('Films/A film that fills the card.mov', new Uint8Array(45 * MIB));
    await bench.plug(stick);
    const big = bench.payload('big.dfu', { code: seededRandom('big')(16 * MIB) });
    expect(ended(await bench.spacepack(updateWith(big)))).toEqual({ status: 6, code: 'volume-full' });
  });

  it('that comes back with a damaged table is never called updated without proof', async () => {
    const stick = await bench.stick({
      troubles: [{ at: 'check', visits: [1], does: ({ card }) => card.damage() }],
    });
    await bench.plug(stick);
    expect(ended(await bench.spacepack(update))).toEqual({ status: 9, code: 'returned-stale' });
    // The new firmware runs, but it may write nothing to such a card (protocol §9.5).
    expect(stick.firmware.revision).toBe('A200');
  });
});
