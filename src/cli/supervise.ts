import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BEGUN, ENDING_SIGNALS } from './io/signals.ts';

/** For the program to end by itself once it has told its status, in ms; then it is left behind. */
const LEAVE_MS = 250;
/** For the program to begin, in ms: Node itself may wait for ever for threads that it was not allowed to make. */
const BEGIN_MS = 10_000;
/**
 * A device that hangs keeps a few threads for itself: the call and what was to be closed. Node's four are too few for one such device
 * and a sound one. All are made at the first call; where that is not allowed, libuv ends the process.
 */
const THREADS = '24';
const FEWER_THREADS = '4';

/**
 * Runs the program in a process of its own and ends with the status that it tells, at once: a thread that hangs in a system call
 * keeps its process from ending, even one that was killed, and whoever waits for that would never get the status. So it is not the
 * program that people and scripts wait for, but this process, which touches no disk. docs/design.md compares the ways.
 *
 * Both are of one process group: what a terminal sends reaches both, and stopping, going on and the window's size need no help. The
 * program does not listen to signals that end it; it gets each from here, so that it counts once, whoever else got it.
 *
 * A program that ends before it has begun is started once more, with fewer threads; failing that it runs here: better without this
 * protection than not at all.
 */
export function supervise(argv: readonly string[], threads: string = THREADS): void {
  const program = fileURLToPath(new URL('./program.js', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, program, ...argv], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { UV_THREADPOOL_SIZE: threads, ...process.env },
  });
  let hasBegun = false;
  let told: number | null = null;
  let asked: NodeJS.Signals | null = null;
  let nextThreads = threads === THREADS ? FEWER_THREADS : null;
  const waiting = setTimeout(() => {
    nextThreads = null;
    child.kill('SIGKILL');
  }, BEGIN_MS);
  child.on('message', (message) => {
    if (message === BEGUN) {
      hasBegun = true;
      clearTimeout(waiting);
      // A working folder on the device would keep it from being let go.
      process.chdir(process.platform === 'win32' ? dirname(process.execPath) : '/');
    }
    if (typeof message !== 'number') return;
    told = message;
    setTimeout(() => {
      child.kill('SIGKILL');
      process.exit(message);
    }, LEAVE_MS);
  });
  child.on('spawn', () => {
    handOnSignals(child, (signal) => {
      asked ??= signal;
    });
  });
  child.on('error', () => {
    if (child.pid === undefined) runHere();
  });
  child.on('close', (code, signal) => {
    clearTimeout(waiting);
    // Of one that never was, Node tells an end as well, after the error.
    if (child.pid === undefined) return;
    if (hasBegun) return endAs(told ?? code, signal);
    const askedBy = asked ?? ENDING_SIGNALS.find((name) => name === signal) ?? null;
    if (askedBy !== null) return endAs(null, askedBy);
    for (const name of [...ENDING_SIGNALS, 'SIGTSTP', 'SIGCONT']) process.removeAllListeners(name);
    if (nextThreads === null) runHere();
    else supervise(argv, nextThreads);
  });
}

function runHere(): void {
  // A channel is to whoever started this process, which is no supervisor.
  delete process.send;
  import('./program.ts').catch(() => process.exit(1));
}

function handOnSignals(child: ChildProcess, onAsked: (signal: NodeJS.Signals) => void): void {
  for (const signal of ENDING_SIGNALS) {
    process.on(signal, () => {
      onAsked(signal);
      if (child.connected) child.send(signal, () => {});
    });
  }
  if (process.platform === 'win32') return;
  // Sent to this process alone, they are meant for both.
  process.on('SIGTSTP', () => {
    child.kill('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  });
  process.on('SIGCONT', () => child.kill('SIGCONT'));
}

/** As the program ended. */
function endAs(status: number | null, signal: NodeJS.Signals | null): void {
  if (status !== null || signal === null) process.exit(status ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Of those that do not end a process of Node, SIGPIPE for one, the status has to tell.
  setTimeout(() => process.exit(128 + constants.signals[signal]), LEAVE_MS);
}
