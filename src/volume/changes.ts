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

/** Between two looks, in ms. Shortly after a change more is likely to follow: drive, partition, label, mount. */
const LOOK_MS = 400;
const EAGER_LOOK_MS = 100;
const EAGER_FOR_MS = 5_000;
/** Runs that share a port share a look that is no older than this, in ms. */
const SHARED_LOOK_MS = 40;
/** For SETTLE_MS after a change nobody waits longer than HASTE_MS: another run may have taken the look that showed it. */
const SETTLE_MS = 400;
const HASTE_MS = 50;

export function createChanges(platform: Platform, clock: Clock): Changes {
  let remembered: string | null = null;
  let latest = { look: '', at: Number.NEGATIVE_INFINITY };
  let changedAt = Number.NEGATIVE_INFINITY;
  const events = createEvents(platform);

  const look = async (): Promise<string> => {
    const at = clock.now();
    const taken = await platform.look();
    latest = { look: taken, at };
    if (remembered !== null && taken !== remembered) changedAt = at;
    return taken;
  };
  const differs = async (): Promise<boolean> => {
    if (events.since()) return true;
    const isFresh = clock.now() - latest.at < SHARED_LOOK_MS;
    return (isFresh ? latest.look : await look()) !== remembered;
  };
  const remember = async (): Promise<void> => {
    if (events.since()) changedAt = clock.now();
    events.forget();
    remembered = await look();
  };

  return {
    remember,
    async changed(ms, signal) {
      if (remembered === null) await remember();
      events.start();
      const start = clock.now();
      const until = start + (start - changedAt < SETTLE_MS ? Math.min(ms, HASTE_MS) : ms);
      while (!signal?.aborted && !(await differs())) {
        const now = clock.now();
        if (now >= until) return;
        const pace = now - changedAt < EAGER_FOR_MS ? EAGER_LOOK_MS : LOOK_MS;
        await events.orSoon(clock.sleep(Math.min(until - now, pace), signal));
      }
    },
    dispose: () => events.dispose(),
  };
}

/** The watcher, made when first needed, and what it has seen since it was last asked to forget. */
interface Events {
  start(): void;
  /** Resolves with the next event, or when `sleep` does. */
  orSoon(sleep: Promise<void>): Promise<void>;
  since(): boolean;
  forget(): void;
  dispose(): Promise<void>;
}

function createEvents(platform: Platform): Events {
  let starting: Promise<Watcher | null> | null = null;
  let watcher: Watcher | null = null;
  let known = 0;
  return {
    start() {
      const watched = platform.watched();
      if (starting !== null || watched.mountParents.length === 0) return;
      // Without it the looks go on.
      starting = watchFolders(watched).catch(() => null);
      starting.then(
        (started) => {
          watcher = started;
        },
        () => undefined,
      );
    },
    orSoon: (sleep) =>
      // Not Promise.race, which would leave something behind at a promise that may wait for days.
      new Promise((resolve, reject) => {
        const stop = watcher?.onEvent(resolve);
        sleep.then(resolve, reject).finally(stop);
      }),
    since: () => watcher !== null && watcher.count() !== known,
    forget() {
      known = watcher?.count() ?? 0;
    },
    async dispose() {
      await (await starting)?.close();
      watcher = null;
      starting = null;
      known = 0;
    },
  };
}
