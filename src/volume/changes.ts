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
const LOOK_MS = 100;
/** Runs that share a port share a look that is no older than this, in ms. */
const SHARED_LOOK_MS = 40;
/**
 * After a change more is likely to follow (drive, partition, label, mount), and another run on the same port may have taken the
 * look that showed it. For SETTLE_MS nobody waits longer than HASTE_MS.
 */
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
      const isSettling = clock.now() - changedAt < SETTLE_MS;
      const until = clock.now() + (isSettling ? Math.min(ms, HASTE_MS) : ms);
      while (!signal?.aborted && !(await differs())) {
        const left = until - clock.now();
        if (left <= 0) return;
        await sleepOrEvent(clock, Math.min(left, LOOK_MS), events.watcher(), signal);
      }
    },
    dispose: () => events.dispose(),
  };
}

/** The watcher, made when first needed, and what it has seen since it was last asked to forget. */
interface Events {
  start(): void;
  watcher(): Watcher | null;
  since(): boolean;
  forget(): void;
  dispose(): Promise<void>;
}

function createEvents(platform: Platform): Events {
  let starting: Promise<void> | null = null;
  let watcher: Watcher | null = null;
  let known = 0;
  return {
    start() {
      const parents = platform.mountParents();
      if (parents.length === 0) return;
      starting ??= watchFolders(parents).then(
        (started) => {
          watcher = started;
        },
        // The looks go on without it.
        () => undefined,
      );
    },
    watcher: () => watcher,
    since: () => watcher !== null && watcher.count() !== known,
    forget() {
      known = watcher?.count() ?? 0;
    },
    async dispose() {
      await starting;
      await watcher?.close();
      watcher = null;
      starting = null;
      known = 0;
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
