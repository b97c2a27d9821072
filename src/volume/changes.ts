import type { Platform } from './platform.ts';
import type { Clock } from './port.ts';
import { type Watcher, watchFolders } from './watcher.ts';

/** When to look again: a cheap look now and then, and a watcher as a shortcut. */
export interface Changes {
  /** Takes the look that later ones are compared with. Called before each listing, so that nothing after it is missed. */
  remember(): Promise<void>;
  /** Resolves at once if anything differs from what was remembered, else when it does, or after `ms`, or on abort. */
  changed(ms: number, signal?: AbortSignal): Promise<void>;
  dispose(): Promise<void>;
}

/** Between two looks, in ms: half of it is the mean delay where the watcher sees nothing. */
const LOOK_MS = 60;

export function createChanges(platform: Platform, clock: Clock): Changes {
  let remembered: string | null = null;
  let rememberedEvents = 0;
  let watching: Promise<Watcher | null> | null = null;
  let watcher: Watcher | null = null;

  const startWatching = (): void => {
    const parents = platform.mountParents();
    if (watching !== null || parents.length === 0) return;
    watching = watchFolders(parents).catch(() => null);
    watching.then(
      (started) => {
        watcher = started;
        rememberedEvents = started?.count() ?? 0;
      },
      () => undefined,
    );
  };

  const differs = async (): Promise<boolean> =>
    (watcher !== null && watcher.count() !== rememberedEvents) || (await platform.look()) !== remembered;

  const remember = async (): Promise<void> => {
    rememberedEvents = watcher?.count() ?? 0;
    remembered = await platform.look();
  };

  return {
    remember,
    async changed(ms, signal) {
      if (remembered === null) await remember();
      startWatching();
      const until = clock.now() + ms;
      while (!signal?.aborted && !(await differs())) {
        const left = until - clock.now();
        if (left <= 0) return;
        await sleepOrEvent(clock, Math.min(left, LOOK_MS), watcher, signal);
      }
    },
    async dispose() {
      const started = await watching;
      watching = null;
      watcher = null;
      await started?.close();
    },
  };
}

async function sleepOrEvent(
  clock: Clock,
  ms: number,
  watcher: Watcher | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  const either = new AbortController();
  const stop = (): void => either.abort();
  signal?.addEventListener('abort', stop, { once: true });
  const waits = [clock.sleep(ms, either.signal)];
  if (watcher !== null) waits.push(watcher.next(either.signal));
  await Promise.race(waits);
  stop();
  signal?.removeEventListener('abort', stop);
}
