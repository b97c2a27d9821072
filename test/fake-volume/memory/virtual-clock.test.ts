import { describe, expect, test } from 'vitest';
import { createVirtualClock } from './virtual-clock.ts';

describe('the clock of a world', () => {
  test('stands still while somebody works, and jumps when all wait', async () => {
    const clock = createVirtualClock();
    const told: string[] = [];
    const waiter = async (name: string, ms: number) => {
      for (let turn = 0; turn < 3; turn += 1) {
        await clock.sleep(ms);
        // Work that takes some turns of the microtask queue.
        for (let step = 0; step < 50; step += 1) await Promise.resolve();
        told.push(`${name} ${clock.now()}`);
      }
    };
    await Promise.all([waiter('a', 100_000), waiter('b', 150_000)]);
    expect(told).toEqual(['a 100000', 'b 150000', 'a 200000', 'b 300000', 'a 300000', 'b 450000']);
  });

  test('does not move without a waiter, but by hand', async () => {
    const clock = createVirtualClock();
    const rung: number[] = [];
    clock.later(50, () => rung.push(clock.now()));
    await new Promise((resolve) => setImmediate(resolve));
    expect([clock.now(), rung]).toEqual([0, []]);
    clock.pass(80);
    expect([clock.now(), rung]).toEqual([80, [50]]);
  });

  test('ends a wait at once when its signal aborts, and leaves no listener behind', async () => {
    const clock = createVirtualClock();
    const abort = new AbortController();
    const wait = clock.sleep(1_000_000, abort.signal);
    abort.abort();
    await wait;
    expect(clock.now()).toBe(0);
    await clock.sleep(10, abort.signal);
    expect(clock.now()).toBe(0);
  });

  test('lets an actor act when it is due, before a waiter that is due later', async () => {
    const clock = createVirtualClock();
    const acted: number[] = [];
    let next: number | null = 30;
    clock.add({
      nextWakeMs: () => next,
      run() {
        if (next === null || clock.now() < next) return;
        acted.push(clock.now());
        next = next < 90 ? next + 30 : null;
      },
    });
    await clock.sleep(70);
    expect(acted).toEqual([30, 60]);
  });

  test('stands still for ever once it was stopped', async () => {
    const clock = createVirtualClock();
    let woke = false;
    void clock.sleep(10).then(() => {
      woke = true;
    });
    clock.stop();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect([woke, clock.now()]).toEqual([false, 0]);
  });
});
