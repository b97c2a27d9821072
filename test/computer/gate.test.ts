import { expect, test } from 'vitest';
import { createGate } from '../../src/computer/gate.ts';
import { jumpingClock } from '../volume/a-volume.ts';

test('a call that hangs shuts the gate: the next fails at once, is not made, and once it has come back all go on', async () => {
  const clock = jumpingClock();
  const gate = createGate(clock);
  let end: (value: string) => void = () => undefined;
  const hanging = new Promise<string>((resolve) => {
    end = resolve;
  });
  await expect(gate.pass('opening', 40_000, () => hanging)).rejects.toMatchObject({ code: 'volume-stalled' });
  let calls = 0;
  const call = async (): Promise<string> => {
    calls += 1;
    return 'answer';
  };
  await expect(gate.pass('reading', 40_000, call)).rejects.toMatchObject({ code: 'volume-stalled' });
  expect({ calls, ms: clock.now() }).toEqual({ calls: 0, ms: 40_000 });
  end('late');
  await hanging;
  expect(await gate.pass('reading', 40_000, call)).toBe('answer');
});

test('a call that fails shuts nothing', async () => {
  const gate = createGate(jumpingClock());
  await expect(gate.pass('x', 1_000, () => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
  expect(await gate.pass('x', 1_000, async () => 'answer')).toBe('answer');
});
