import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Bench, openBench } from '../bench.ts';
import { expectRepeatable, plugVictim, pullAt, updateWith } from '../mishap.ts';

let bench: Bench;
let update: string;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  update = updateWith(bench.payload('v2.dfu'));
  await bench.automount('udisks');
});
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe('a cable that is pulled and plugged in again', () => {
  // The rest of them: test/usb/exhaustive/cable.test.ts
  it.each([
    ['the payload', 0, [6], 'A100'],
    ['the trigger’s entry', 8, [0, 6, 9], null],
    ['the last write of the unmount', 16, [0], 'A200'],
  ] as const)('at %s leaves a device that can be updated', async (_, number, statuses, revision) => {
    const victim = await plugVictim(bench);
    victim.stick.trap = pullAt(number, true);
    const { status, code } = await bench.spacepack(update);
    expect(statuses, code).toContain(status);
    if (revision !== null) expect(victim.stick.firmware.revision).toBe(revision);
    await expectRepeatable(bench, update, victim);
  });
});
