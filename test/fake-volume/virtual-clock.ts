import type { Clock } from '../../src/volume/port.ts';

/** Something that acts by itself as time passes. */
export interface Actor {
  /** In ms; `null`: nothing is planned. */
  nextWakeMs(): number | null;
  /** Does all that is due. */
  run(): void;
}

/**
 * Time that stands still while anybody works, and jumps to the next thing that is due when all wait: whole updates take
 * milliseconds. Several waiters share it.
 */
export interface VirtualClock extends Clock {
  /** Lets an actor take part. */
  add(actor: Actor): void;
  /** Calls back once, after `ms`. */
  later(ms: number, action: () => void): void;
  /** Lets so many ms pass at once, without a waiter. */
  pass(ms: number): void;
  /** Stands still for ever: who waits then, waits for ever. */
  stop(): void;
}

interface Waiter {
  readonly dueMs: number;
  readonly wake: () => void;
}

export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  let isPlanned = false;
  let isStopped = false;
  const waiters = new Set<Waiter>();
  const actors: Actor[] = [];
  const timers = new Map<() => void, number>();

  const nextActorMs = (): number =>
    Math.min(...actors.map((actor) => actor.nextWakeMs() ?? Number.POSITIVE_INFINITY), ...timers.values());
  const act = (atMs: number) => {
    nowMs = Math.max(nowMs, atMs);
    for (const [action, dueMs] of [...timers]) {
      if (dueMs <= nowMs && timers.delete(action)) action();
    }
    for (const actor of actors) actor.run();
  };
  const wakeDue = () => {
    for (const waiter of [...waiters]) if (waiter.dueMs <= nowMs) waiter.wake();
  };
  /** To the next waiter, or to an actor whose action may wake one. */
  const jump = () => {
    isPlanned = false;
    if (waiters.size === 0) return;
    const waiterMs = Math.min(...[...waiters].map((waiter) => waiter.dueMs));
    act(Math.min(waiterMs, nextActorMs()));
    wakeDue();
    plan();
  };
  // After setImmediate, all microtasks of those who work have drained: whoever still waits, waits for time.
  const plan = () => {
    if (isPlanned || isStopped || waiters.size === 0) return;
    isPlanned = true;
    setImmediate(jump);
  };
  return {
    now: () => nowMs,
    gaps: () => 0,
    sleep: (ms, signal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted === true) return resolve();
        const waiter: Waiter = { dueMs: nowMs + Math.max(0, ms), wake };
        function wake(): void {
          waiters.delete(waiter);
          signal?.removeEventListener('abort', wake);
          resolve();
        }
        waiters.add(waiter);
        signal?.addEventListener('abort', wake, { once: true });
        plan();
      }),
    add: (actor) => void actors.push(actor),
    later: (ms, action) => void timers.set(() => action(), nowMs + ms),
    pass(ms) {
      const endMs = nowMs + ms;
      for (let dueMs = nextActorMs(); dueMs <= endMs; dueMs = nextActorMs()) act(dueMs);
      act(endMs);
      wakeDue();
    },
    stop() {
      isStopped = true;
      waiters.clear();
    },
  };
}
