import { getEventListeners } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/computer/clock.ts';
import { createChanges } from '../../src/volume/changes.ts';
import type { Platform } from '../../src/volume/platform.ts';
import { type Watched, type Watcher, watchFolders } from '../../src/volume/watcher.ts';
import { aVolume, jumpingClock, NOTE, temporaryFolder, writeNote } from './a-volume.ts';

/** A platform of which only the look matters. */
function looking(look: () => string, watched: Watched = { mountParents: [], notes: [] }): Platform {
  const never = (): never => {
    throw new Error('not asked here');
  };
  return {
    list: never,
    holds: never,
    mount: never,
    release: never,
    look: async () => look(),
    watched: () => watched,
  };
}

describe('waiting for a change', () => {
  test('ends after the time given if nothing changes', async () => {
    const clock = jumpingClock();
    const changes = createChanges(
      looking(() => 'same'),
      clock,
    );
    await changes.changed(changes.count(), 450);
    expect(clock.now()).toBe(450);
  });

  test('a look that fails ends the wait once, as does the first one that succeeds after it, and none rejects', async () => {
    const clock = jumpingClock();
    const changes = createChanges(
      looking(() => {
        if (clock.now() >= 1_000 && clock.now() < 3_000) throw new Error('EMFILE');
        return 'same';
      }),
      clock,
    );
    await changes.look();
    await changes.changed(changes.count(), 900);
    expect(changes.count()).toBe(0);
    await changes.changed(changes.count(), 60_000);
    expect(clock.now()).toBeLessThan(1_500);
    const failing = changes.count();
    await changes.changed(failing, 60_000);
    expect(clock.now()).toBeGreaterThanOrEqual(3_000);
    expect(clock.now()).toBeLessThanOrEqual(3_400);
  });

  test('a change between the listing and the wait is not lost', async () => {
    let look = 'before';
    const clock = jumpingClock();
    const changes = createChanges(
      looking(() => look),
      clock,
    );
    await changes.look();
    await clock.sleep(1_000);
    look = 'after';
    await changes.changed(changes.count(), 10_000);
    expect(clock.now()).toBe(1_000);
  });

  test('a change during the wait ends it within one look', async () => {
    const clock = jumpingClock();
    const changes = createChanges(
      looking(() => (clock.now() < 3_000 ? 'before' : 'after')),
      clock,
    );
    await changes.changed(changes.count(), 60_000);
    expect(clock.now()).toBeGreaterThanOrEqual(3_000);
    expect(clock.now()).toBeLessThanOrEqual(3_400);
  });

  test('a change that another run sees first wakes whoever looked before it', async () => {
    let look = 'before';
    const clock = jumpingClock();
    const changes = createChanges(
      looking(() => look),
      clock,
    );
    await changes.look();
    const since = changes.count();
    look = 'after';
    await changes.look();
    await changes.changed(since, 60_000);
    expect(clock.now()).toBeLessThan(100);
    await changes.changed(changes.count(), 60_000);
    expect(clock.now()).toBeGreaterThanOrEqual(60_000);
  });

  test('aborting ends it', async () => {
    const changes = createChanges(
      looking(() => 'same'),
      systemClock,
    );
    const caller = new AbortController();
    const waiting = changes.changed(changes.count(), 60_000, caller.signal);
    caller.abort();
    await waiting;
    await changes.changed(changes.count(), 60_000, AbortSignal.abort());
  });

  test('aborting in the middle of a look ends it at once', async () => {
    const clock = jumpingClock();
    const caller = new AbortController();
    const changes = createChanges(
      looking(() => {
        caller.abort();
        return 'same';
      }),
      clock,
    );
    await changes.changed(changes.count(), 60_000, caller.signal);
    expect(clock.now()).toBe(0);
  });
});

test('a look that does not come back: the wait ends in its time, and nothing more is asked until it has', async () => {
  const clock = jumpingClock();
  let looks = 0;
  const hanging: Platform = {
    ...looking(() => ''),
    look: () => {
      looks += 1;
      return new Promise(() => undefined);
    },
  };
  const changes = createChanges(hanging, clock);
  await changes.changed(changes.count(), 12_000);
  expect({ looks, s: Math.round(clock.now() / 1_000) }).toEqual({ looks: 1, s: 12 });
});

describe('on real folders', () => {
  test.each([
    ['a volume appears', (root: string) => mkdirSync(join(root, 'NEW'))],
    ['a volume vanishes', (root: string) => rmSync(join(root, 'SP'), { recursive: true })],
    ['a volume is unmounted', (root: string) => renameSync(join(root, 'SP'), join(root, '.unmounted', 'SP'))],
    ['a drive is attached anew', (root: string) => writeNote(root, 'SP', { ...NOTE, attachment: 'second' })],
  ])('%s: the wait ends', async (_, change) => {
    const { volumes, root } = await aVolume();
    mkdirSync(join(root, '.unmounted'));
    await writeNote(root, 'SP', NOTE);
    await volumes.list();
    const waiting = volumes.changed(volumes.changeCount(), 3_600_000);
    setTimeout(() => void change(root), 50);
    await waiting;
  });

  test('many waits leave nothing behind at the signal of the caller', async () => {
    const { volumes, root } = await aVolume();
    const { signal } = new AbortController();
    await volumes.list();
    for (let round = 0; round < 15; round += 1) {
      const waiting = volumes.changed(volumes.changeCount(), 3_600_000, signal);
      mkdirSync(join(root, `NEW ${round}`));
      await waiting;
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('what the system notes ends the wait, though no look shows it; a burst of notes is few wake-ups', async () => {
    const base = await temporaryFolder();
    const changes = createChanges(
      looking(() => 'same', { mountParents: [base], notes: [join(base, 'notes')] }),
      systemClock,
    );
    mkdirSync(join(base, 'notes'));
    const noting = setInterval(() => writeFileSync(join(base, 'notes', 'utab'), `${performance.now()}`), 2);
    await changes.changed(changes.count(), 3_600_000);
    const began = performance.now();
    let wakeUps = 0;
    for (; performance.now() - began < 300; wakeUps += 1) await changes.changed(changes.count(), 3_600_000);
    // 20 ms lie between two, less what a timer is early.
    expect(wakeUps).toBeLessThanOrEqual((performance.now() - began) / 19 + 1);
    clearInterval(noting);
    await changes.dispose();
  });

  test('what we write into a volume ourselves wakes nobody', async () => {
    const { volumes, ours } = await aVolume();
    await volumes.list();
    writeFileSync(join(ours, 'UPDATE.BIN'), 'x');
    const since = performance.now();
    await volumes.changed(volumes.changeCount(), 300);
    expect(performance.now() - since).toBeGreaterThanOrEqual(290);
  });
});

describe('the watcher', () => {
  /** Until the next event, made again and again: chokidar may miss one of two that come at once, and those before it is ready. */
  async function untilSeen(watcher: Watcher, make: (attempt: number) => void): Promise<void> {
    const before = watcher.count();
    for (let attempt = 0; watcher.count() === before; attempt += 1) {
      make(attempt);
      await new Promise<void>((resolve) => {
        const stop = watcher.onEvent(resolve);
        setTimeout(() => {
          stop();
          resolve();
        }, 300);
      });
    }
  }

  test('sees a folder appear below one that did not exist when it began', async () => {
    const base = await temporaryFolder();
    const someone = join(base, 'media', 'someone');
    const watcher = await watchFolders({ mountParents: [someone], notes: [] });
    try {
      await untilSeen(watcher, (attempt) => mkdirSync(join(base, `a${attempt}`)));
      mkdirSync(someone, { recursive: true });
      mkdirSync(join(base, 'b'));
      await untilSeen(watcher, (attempt) => mkdirSync(join(someone, `c${attempt}`)));
    } finally {
      await watcher.close();
    }
  });
});
