import { describe, expect, test } from 'vitest';
import { expectRepeatable, plugVictim, pullAt, pullAtWrite, useDesk } from '../mishap.ts';

const desk = useDesk();

describe('a cable that is pulled and plugged in again', () => {
  // The rest of them: test/usb/exhaustive/cable.test.ts
  test.each([
    ['the payload', () => pullAt(0, true), [6], 'A100'],
    ['the trigger’s entry', () => pullAtWrite(/\+ UPDATE\.TRG/, true), [0, 6, 9], null],
    ['the last write of the unmount', () => pullAtWrite(/dirty mark set -> clear/, true), [0], 'A200'],
  ] as const)('at %s leaves a device that can be updated', async (_, trap, statuses, revision) => {
    const victim = await plugVictim(desk);
    victim.stick.trap = trap();
    const { status, code } = await desk.bench.spacepack(desk.update);
    expect(statuses, code).toContain(status);
    if (revision !== null) expect(victim.stick.firmware.revision).toBe(revision);
    await expectRepeatable(desk, victim);
  });
});
