import { expect, test } from 'vitest';
import { leavingHung } from '../../src/engine/leave-hung.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import { createMemoryWorld } from '../fake-volume/index.ts';

test('of two calls that were left behind, the end of one is not the end of both', async () => {
  const { environment } = createMemoryWorld();
  const ends: (() => void)[] = [];
  const list = (): Promise<[]> => new Promise((resolve) => ends.push(() => resolve([])));
  const called = AbortSignal.abort();
  const hung = leavingHung({ ...environment.volumes, list }, environment.clock, {
    signal: () => called,
    error: () => new SpacepackError('interrupted', 'called off'),
  });
  const both = [hung.volumes.list(), hung.volumes.list()];
  for (const each of both) await expect(each).rejects.toThrow('called off');
  for (const end of ends) {
    expect(hung.left()).not.toBeNull();
    await expect(hung.volumes.list()).rejects.toThrow('left behind');
    let isOver = false;
    void hung.left()?.then(() => {
      isOver = true;
    });
    end();
    await new Promise(setImmediate);
    expect(isOver).toBe(end === ends.at(-1));
  }
  expect(hung.left()).toBeNull();
});
