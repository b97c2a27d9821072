import { EventEmitter } from 'node:events';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Io } from './io.ts';

/**
 * The signals that ask a run to end. The supervisor passes each on once, as a message, no matter where else the signal
 * went.
 */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The program's first message to its supervisor: what it does from here on must not be done twice. */
export const BEGUN = 'begun';

/** Emitted with what was found when nothing could end a run any more. */
export const STRANDED = 'stranded';

/** Errors that nobody handled while no command listened. */
const unheard: unknown[] = [];
let hasListened = false;

/** What a process must still say at its end: errors that no command was told of, and its status then. */
export function unheardErrors(status: number): { readonly errors: readonly unknown[]; readonly status: number } {
  // A result that was told before stays true.
  return { errors: unheard, status: unheard.length > 0 && !hasListened ? status || 1 : status };
}

/**
 * Notices that this process would end without a word: nobody handles an error, or there is nothing left to wait for
 * although the run has not ended. An error from before any command listens is kept for the first that does.
 */
export function watchForStranding(signals: Io['signals']): void {
  process.on('uncaughtException', (error) => {
    if (!signals.emit(STRANDED, error)) unheard.push(error);
  });
  signals.on('newListener', (name: unknown) => {
    if (name !== STRANDED) return;
    hasListened = true;
    for (const error of unheard.splice(0)) queueMicrotask(() => signals.emit(STRANDED, error));
  });
  process.once('beforeExit', () => {
    const found = 'Expected the run to come to an end, found that it waits for nothing.';
    signals.emit(STRANDED, new SpacepackError('unexpected', found));
  });
}

/** The process to signal in order to end this one: the supervisor, if there is one. */
export function endedBy(): number {
  return process.send === undefined ? process.pid : process.ppid;
}

/**
 * The signals that this process obeys: its own or, under a supervisor, those that the supervisor passes on, while its
 * own are ignored. If the supervisor dies, this process dies as if that signal had been for it. A signal that nobody
 * listens for ends the process.
 */
export function openSignals(): Io['signals'] {
  if (process.send === undefined) return process;
  const signals = new EventEmitter();
  for (const signal of ENDING_SIGNALS) process.on(signal, () => {});
  process.on('message', (message) => {
    const signal = ENDING_SIGNALS.find((name) => name === message);
    if (signal === undefined || signals.emit(signal)) return;
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  const die = (): void => void process.kill(process.pid, 'SIGKILL');
  process.on('disconnect', die);
  // The supervisor may have died before anybody listened.
  if (!process.connected) die();
  // Listening to it must not keep this process alive.
  process.channel?.unref();
  return signals;
}
