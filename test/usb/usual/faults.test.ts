import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { seededRandom } from '../fake-volume/random.ts';
import { type Bench, damageTo, KEY, openBench, type Told, until } from './bench.ts';
import { pause } from './machine/guest.ts';
import type { Stick } from './stick.ts';
import type { Touch } from './storage/unit.ts';

let bench: Bench;
let update: string;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  update = `update ${bench.payload('v2.dfu')} --key ${KEY} --yes`;
  await bench.automount('udisks');
});
afterEach(() => bench.clear());
afterAll(() => bench.close());

/** A mounted stick, and what is on it of the user's. */
async function mounted(): Promise<{ readonly stick: Stick; readonly before: ReadonlyMap<string, Uint8Array> }> {
  const stick = await bench.stick();
  const before = stick.userFiles();
  await bench.plug(stick);
  return { stick, before };
}

/** After whatever went wrong: plugged in anew, the device takes the update, and nothing of the user's has changed. */
async function expectRepeatable(stick: Stick, before: ReadonlyMap<string, Uint8Array>): Promise<void> {
  stick.trap = null;
  stick.writeProtected = false;
  stick.unplug();
  await bench.guest.ask('for try in $(seq 100); do ls /dev/sd* >/dev/null 2>&1 || break; sleep 0.1; done');
  await until(() => stick.firmware.nextWakeMs() === null, 20_000);
  await bench.plug(stick);
  const { status, code, stderr } = await bench.spacepack(update);
  expect({ status, code: code === 'already-current' ? 'applied' : code }, stderr).toEqual({
    status: 0,
    code: 'applied',
  });
  expect(stick.firmware.revision).toBe('A200');
  await bench.guest.run('udisksctl unmount --no-user-interaction -b /dev/sd?1', { user: 'user' });
  const userFiles = damageTo(stick, before).filter((line) => line.startsWith("user's file"));
  expect(userFiles).toEqual([]);
}

function ended({ status, code }: Told): { readonly status: number | null; readonly code: string | undefined } {
  return { status, code };
}

describe('a device with real USB', () => {
  it('whose card refuses every write is not updated, and then is', async () => {
    const { stick, before } = await mounted();
    stick.trap = ({ kind }) => (kind === 'write' ? 'medium-error' : 'done');
    expect(ended(await bench.spacepack(update))).toEqual({ status: 6, code: 'volume-io' });
    await expectRepeatable(stick, before);
  });

  it('whose card refuses the first flush is not updated, and then is', async () => {
    const { stick, before } = await mounted();
    let flushes = 0;
    stick.trap = ({ kind }) => {
      if (kind === 'flush') flushes += 1;
      // The kernel tries each command six times.
      return kind === 'flush' && flushes <= 6 ? 'medium-error' : 'done';
    };
    expect(ended(await bench.spacepack(update))).toEqual({ status: 6, code: 'volume-io' });
    await expectRepeatable(stick, before);
  });

  it('that hangs for 30 s in the middle of the payload takes the update all the same', async () => {
    const { stick, before } = await mounted();
    let isHung = false;
    stick.trap = async ({ kind }) => {
      if (kind !== 'write' || isHung) return 'done' as const;
      isHung = true;
      await pause(30_500);
      return 'done' as const;
    };
    expect(ended(await bench.spacepack(update))).toEqual({ status: 0, code: 'applied' });
    await expectRepeatable(stick, before);
  });

  it('that turns read-only before the payload is refused, and then takes it', async () => {
    const { stick, before } = await mounted();
    stick.writeProtected = true;
    const { status, code } = await bench.spacepack(update);
    expect(status).toBe(6);
    expect(['volume-io', 'volume-read-only']).toContain(code);
    await expectRepeatable(stick, before);
  });

  it('that is mounted read-only is refused by that name', async () => {
    const stick = await bench.stick();
    stick.writeProtected = true;
    await bench.plug(stick);
    expect(ended(await bench.spacepack(update))).toEqual({ status: 6, code: 'volume-read-only' });
  });

  it('whose card is full is refused by that name', async () => {
    const stick = await bench.stick();
    const free = 40 * 1024 * 1024;
    while (stick.content.paths().filter((path) => path.startsWith('Fill/')).length < 12) {
      const index = stick.content.paths().filter((path) => path.startsWith('Fill/')).length;
      stick.content.write(`Fill/${index}.bin`, new Uint8Array(free / 10 - (index > 8 ? free / 11 : 0)));
    }
    await bench.plug(stick);
    const big = bench.payload('big.dfu', { code: seededRandom('big')(16 * 1024 * 1024) });
    expect(ended(await bench.spacepack(`update ${big} --key ${KEY} --yes`))).toEqual({
      status: 6,
      code: 'volume-full',
    });
  });

  it('that comes back with a damaged table is never taken for updated without proof', async () => {
    const stick = await bench.stick({
      troubles: [{ at: 'check', visits: [1], does: ({ card }) => card.damage() }],
    });
    await bench.plug(stick);
    const { status, code } = await bench.spacepack(update);
    // The new firmware runs, but it may write nothing to such a card: nobody can know (protocol §9.5).
    expect(stick.firmware.revision).toBe('A200');
    expect({ status, code }).toEqual({ status: 9, code: 'returned-stale' });
  });

  it.each<[string, (touch: Touch, index: number) => boolean]>([
    ['the first write of the payload', (_, index) => index === 0],
    ['the sixth write', (_, index) => index === 5],
    ['the tenth write', (_, index) => index === 9],
  ])('that is pulled at %s can be updated after it', async (_, isDue) => {
    const { stick, before } = await mounted();
    let index = -1;
    stick.trap = (touch) => {
      if (touch.kind === 'write') index += 1;
      return touch.kind === 'write' && isDue(touch, index) ? 'pull' : 'done';
    };
    const { status } = await bench.spacepack(update);
    expect([6, 9]).toContain(status);
    await expectRepeatable(stick, before);
  });
});
