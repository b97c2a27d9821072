import type { Clock } from '../computer/clock.ts';
import { createGate } from '../computer/gate.ts';
import type { Platform } from './platform.ts';
import { type Watcher, watchFolders } from './watcher.ts';

/** When to look again: a cheap look from time to time, with a watcher as a shortcut. */
export interface DriveChanges {
  /** As `VolumePort.changeCount`. */
  count(): number;
  /** Looks now; the next look is compared with this one. */
  look(): Promise<void>;
  /** As `VolumePort.changed`. */
  changed(since: number, ms: number, signal?: AbortSignal): Promise<void>;
  dispose(): Promise<void>;
}

/** Time between two looks, in ms. Shortly after a change, more are likely to follow: drive, partition, label, mount. */
const LOOK_MS = 400;
const EAGER_LOOK_MS = 100;
const EAGER_FOR_MS = 2_000;
/** Changes come in bursts: after one, wait this many ms for the next, so that one look sees them all. */
const BURST_MS = 20;
/** The result of a look that failed. It differs from all others, because nobody knows what changed meanwhile. */
const UNKNOWN = 'unknown';
/** Runs that share a port share a look if it is no older than this, in ms. */
const SHARED_LOOK_MS = 40;
/** Longest time for a look, in ms. While a mount point hangs, looks show nothing new. */
const LOOK_LIMIT_MS = 10_000;

export function createChanges(platform: Platform, clock: Clock): DriveChanges {
  let count = 0;
  let changedAt = Number.NEGATIVE_INFINITY;
  let latest: { readonly look: string; readonly events: number; readonly at: number } | null = null;
  const watching = createWatching(platform, clock);
  const gate = createGate(clock);

  const look = async (): Promise<void> => {
    const [at, events] = [clock.now(), watching.events()];
    const seen = gate.pass('looking for changes', LOOK_LIMIT_MS, () => platform.look());
    const taken = { at, events, look: await seen.catch(() => UNKNOWN) };
    if (latest !== null && (taken.look !== latest.look || taken.events !== latest.events)) {
      count += 1;
      changedAt = taken.at;
    }
    latest = taken;
  };
  const isFresh = (): boolean =>
    latest !== null && latest.events === watching.events() && clock.now() - latest.at < SHARED_LOOK_MS;

  return {
    count: () => count,
    look,
    async changed(since, ms, signal) {
      watching.start();
      const until = clock.now() + ms;
      const burstMs = changedAt + BURST_MS - clock.now();
      if (burstMs > 0) await clock.sleep(Math.min(ms, burstMs), signal);
      while (!signal?.aborted && count === since) {
        if (!isFresh()) await look();
        const now = clock.now();
        if (count !== since || now >= until) return;
        const pace = now - changedAt < EAGER_FOR_MS ? EAGER_LOOK_MS : LOOK_MS;
        await watching.eventWithin(Math.min(until - now, pace), signal);
      }
    },
    dispose: () => watching.dispose(),
  };
}

/** The watcher, created when first needed. */
interface Watching {
  start(): void;
  /** How many events it has seen. */
  events(): number;
  /** Resolves with the next event, or after `ms`, or on abort. */
  eventWithin(ms: number, signal?: AbortSignal): Promise<void>;
  dispose(): Promise<void>;
}

function createWatching(platform: Platform, clock: Clock): Watching {
  let starting: Promise<Watcher | null> | null = null;
  let watcher: Watcher | null = null;
  return {
    start() {
      if (starting !== null) return;
      const watched = platform.watched();
      if (watched.mountParents.length === 0 && watched.notes.length === 0) return;
      // If it fails, looking continues without it.
      starting = watchFolders(watched).catch(() => null);
      starting.then(
        (started) => {
          watcher = started;
        },
        () => undefined,
      );
    },
    events: () => watcher?.count() ?? 0,
    async eventWithin(ms, signal) {
      if (signal?.aborted) return;
      const woken = new AbortController();
      const wake = (): void => woken.abort('woken');
      const stop = watcher?.onEvent(wake);
      signal?.addEventListener('abort', wake, { once: true });
      await clock.sleep(ms, woken.signal);
      signal?.removeEventListener('abort', wake);
      stop?.();
    },
    async dispose() {
      await (await starting)?.close();
      watcher = null;
      starting = null;
    },
  };
}
