import type { Clock } from '../../../src/computer/clock.ts';

/**
 * A run of a program on the computer of a world, as far as its system can meddle with it: whatever it awaits goes on only while
 * the process lives and is not stopped.
 */
export interface Process {
  /** From 0, in the order in which they began. */
  readonly number: number;
  readonly user: string;
  readonly isAlive: boolean;
  /** How often it was stopped. */
  readonly stops: number;
  /** Its code never goes on; what its system frees then is told to `onEnd`. */
  kill(): void;
  /** SIGSTOP: its code stands still until `resume`, and time goes on. */
  stop(): void;
  resume(): void;
  onEnd(free: () => void): void;
  /** Resolves at once while the process runs, at its resumption if it is stopped, and never if it is dead. */
  pass(): Promise<void>;
  /** What a promise resolves or rejects with, as soon as the process may know of it. */
  through<T>(promise: Promise<T>): Promise<T>;
}

export function createProcess(number: number, user: string): Process {
  let isAlive = true;
  let isStopped = false;
  let stops = 0;
  const waiting: (() => void)[] = [];
  const frees: (() => void)[] = [];
  const go = (action: () => void) => {
    if (isStopped) waiting.push(action);
    else if (isAlive) action();
  };
  return {
    number,
    user,
    get isAlive() {
      return isAlive;
    },
    get stops() {
      return stops;
    },
    kill() {
      if (!isAlive) return;
      isAlive = false;
      waiting.length = 0;
      for (const free of frees) free();
    },
    stop() {
      isStopped = true;
      stops += 1;
    },
    resume() {
      isStopped = false;
      for (const action of waiting.splice(0)) go(action);
    },
    onEnd: (free) => void frees.push(free),
    pass: () => (isAlive && !isStopped ? Promise.resolve() : new Promise((resolve) => go(resolve))),
    through: (promise) =>
      new Promise((resolve, reject) => {
        promise.then(
          (value) => go(() => resolve(value)),
          (reason: unknown) => go(() => reject(reason)),
        );
      }),
  };
}

/** The clock of a process, which knows how often it was stopped. */
export function clockOf(clock: Clock, process: Process): Clock {
  return {
    now: () => clock.now(),
    gaps: () => clock.gaps() + process.stops,
    sleep: (ms, signal) => process.through(clock.sleep(ms, signal)),
  };
}
