import { describe, expect, it } from 'vitest';
import { expectRepeatable, plugVictim, pullAt, useDesk } from '../mishap.ts';

const desk = useDesk();

describe('a cable that is pulled and plugged in again', () => {
  // The rest of them: test/usb/exhaustive/cable.test.ts
  it.each([
    ['the payload', 0, [6], 'A100'],
    ['the trigger’s entry', 8, [0, 6, 9], null],
    ['the last write of the unmount', 16, [0], 'A200'],
  ] as const)('at %s leaves a device that can be updated', async (_, number, statuses, revision) => {
    const victim = await plugVictim(desk);
    victim.stick.trap = pullAt(number, true);
    const { status, code } = await desk.bench.spacepack(desk.update);
    expect(statuses, code).toContain(status);
    if (revision !== null) expect(victim.stick.firmware.revision).toBe(revision);
    await expectRepeatable(desk, victim);
  });
});
