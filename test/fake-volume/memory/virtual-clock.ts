import type { Clock } from '../../../src/computer/clock.ts';

/** Something that acts by itself as time passes. */
export interface Actor {
  /** In ms; `null`: nothing is planned. */
  nextWakeMs(): number | null;
  /** Does all that is due. */
  run(): void;
}

/**
 * Time that stands still while anybody works, and jumps to the next thing that is due when all wait: whole updates take
 * milliseconds. Several waiters share it. `now` is the world's time, which devices live by; `host` is what a computer that sleeps
 * now and then knows of it.
 */
export interface VirtualClock extends Clock {
  /** The computer's clock: it may stand still while the computer sleeps. */
  readonly host: Clock;
  /** Lets an actor take part. */
  add(actor: Actor): void;
  /** Calls back once, after `ms`, whether the computer sleeps or not. */
  later(ms: number, action: () => void): void;
  /** Calls back once, after `ms`, as soon as the computer is awake. */
  laterOnHost(ms: number, action: () => void): void;
  /** Lets so many ms pass at once, without a waiter. */
  pass(ms: number): void;
  /**
   * The computer sleeps for `ms` from now on: devices go on, nothing of the computer does. `isCounted`: its clock has gone on when
   * it wakes, as for a program that was stopped; else it goes on where it stood.
   */
  sleepThrough(ms: number, isCounted: boolean): void;
  readonly isAsleep: boolean;
  /** Stands still for ever: who waits then, waits for ever. */
  stop(): void;
}

interface Waiter {
  dueMs: number;
  readonly wake: () => void;
}

interface Timer {
  dueMs: number;
  readonly isOfHost: boolean;
  readonly action: () => void;
}

export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  let isPlanned = false;
  let isStopped = false;
  let gaps = 0;
  let asleepUntilMs = 0;
  /** What the host's clock has not counted. */
  let uncountedMs = 0;
  const waiters = new Set<Waiter>();
  const actors: Actor[] = [];
  const timers = new Set<Timer>();

  const awakeAt = (dueMs: number): number => Math.max(dueMs, asleepUntilMs);
  const dueOf = ({ dueMs, isOfHost }: Timer): number => (isOfHost ? awakeAt(dueMs) : dueMs);
  const nextActorMs = (): number => {
    let next = Number.POSITIVE_INFINITY;
    for (const actor of actors) next = Math.min(next, actor.nextWakeMs() ?? next);
    for (const timer of timers) next = Math.min(next, dueOf(timer));
    return next;
  };
  const act = (atMs: number) => {
    nowMs = Math.max(nowMs, atMs);
    for (const timer of [...timers]) {
      if (dueOf(timer) <= nowMs && timers.delete(timer)) timer.action();
    }
    for (const actor of actors) actor.run();
  };
  const wakeDue = () => {
    for (const waiter of [...waiters]) if (awakeAt(waiter.dueMs) <= nowMs) waiter.wake();
  };
  /** To the next waiter, or to an actor whose action may wake one. */
  const jump = () => {
    isPlanned = false;
    // Whoever reads a file of this computer works too.
    if (process.getActiveResourcesInfo().some((name) => name === 'FSReqPromise' || name === 'CloseReq')) return plan();
    if (waiters.size === 0 || isStopped) return;
    let waiterMs = Number.POSITIVE_INFINITY;
    for (const { dueMs } of waiters) waiterMs = Math.min(waiterMs, awakeAt(dueMs));
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
  const sleep: Clock['sleep'] = (ms, signal) =>
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
    });
  return {
    now: () => nowMs,
    gaps: () => gaps,
    sleep,
    host: { now: () => nowMs - uncountedMs, gaps: () => gaps, sleep },
    add: (actor) => void actors.push(actor),
    later: (ms, action) => void timers.add({ dueMs: nowMs + ms, isOfHost: false, action }),
    laterOnHost: (ms, action) => void timers.add({ dueMs: nowMs + ms, isOfHost: true, action }),
    pass(ms) {
      const endMs = nowMs + ms;
      for (let dueMs = nextActorMs(); dueMs <= endMs; dueMs = nextActorMs()) act(dueMs);
      act(endMs);
      wakeDue();
    },
    sleepThrough(ms, isCounted) {
      asleepUntilMs = awakeAt(nowMs + ms);
      gaps += 1;
      if (isCounted) return;
      uncountedMs += ms;
      for (const waiter of waiters) waiter.dueMs += ms;
      for (const timer of timers) if (timer.isOfHost) timer.dueMs += ms;
    },
    get isAsleep() {
      return nowMs < asleepUntilMs;
    },
    stop() {
      isStopped = true;
      waiters.clear();
    },
  };
}
