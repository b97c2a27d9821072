import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BEGUN, ENDING_SIGNALS } from './io/signals.ts';

/** How long the program may take to end after it has reported its status, in ms; then it is left behind. */
const LEAVE_MS = 250;
/**
 * How long the program may take to begin, in ms: Node itself may wait forever for threads that it was not allowed to
 * make.
 */
const BEGIN_MS = 10_000;
/**
 * A device that hangs ties up a few threads: the call itself, and the files to be closed. Node's four are too few for
 * one hung device and a healthy one. All threads are made at the first call; where that is not allowed, libuv ends the
 * process.
 */
const THREADS = '24';
const FEWER_THREADS = '4';

/**
 * Runs the program in a process of its own and ends at once with the status that the program reports. A thread that
 * hangs in a system call keeps its process from ending, even after a kill, so a caller that waited for the program
 * might never get the status. People and scripts wait for this process instead, which touches no disk. docs/design.md
 * compares the alternatives.
 *
 * Both are in one process group: what a terminal sends reaches both, so stopping, continuing and resizing need no help.
 * The program ignores the signals that end it and gets each from here, so that each counts once no matter which process
 * received it.
 *
 * A program that ends before it has begun is started once more with fewer threads. If that fails too, it runs in this
 * process: better without this protection than not at all.
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
      // A working folder on the device would keep it from being unmounted.
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
    // Node emits `close` after `error` even for a process that never started.
    if (child.pid === undefined) return;
    if (hasBegun) {
      if (told === null && asked === null) tellEnd(code, signal);
      return endAs(told ?? code, signal);
    }
    const askedBy = asked ?? ENDING_SIGNALS.find((name) => name === signal) ?? null;
    if (askedBy !== null) return endAs(null, askedBy);
    for (const name of [...ENDING_SIGNALS, 'SIGTSTP', 'SIGCONT']) process.removeAllListeners(name);
    if (nextThreads === null) runHere();
    else supervise(argv, nextThreads);
  });
}

function runHere(): void {
  // If there is an IPC channel, it leads to the process that started this one, which is not a supervisor.
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
  // A signal that was sent to this process alone is meant for both.
  process.on('SIGTSTP', () => {
    child.kill('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  });
  process.on('SIGCONT', () => child.kill('SIGCONT'));
}

/** Says that the program ended without a word: what it had begun may go on on the device. */
function tellEnd(code: number | null, signal: NodeJS.Signals | null): void {
  process.stderr.on('error', () => {});
  process.stderr.write(
    `spacepack: Expected the program to tell a result, found that it ended (${signal ?? `status ${code}`}) without one. ` +
      'If it had begun an update, its end is not known here; run the same command again to find out.\n',
  );
}

/** Ends this process as the program ended. */
function endAs(status: number | null, signal: NodeJS.Signals | null): void {
  if (status !== null || signal === null) process.exit(status ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Some signals do not end a Node process, SIGPIPE for example: then the status has to say it.
  setTimeout(() => process.exit(128 + constants.signals[signal]), LEAVE_MS);
}
