import type { EventEmitter } from 'node:events';
import type { AgentComputer } from '../../agent/agent-computer.ts';
import type { Family } from '../../protocol/family.ts';
import type { Environment } from '../../volume/port.ts';

/** Where text goes. Writing never throws and never fails the run, even when nobody reads it any more. */
export interface Sink {
  readonly isTerminal: boolean;
  /** The terminal's present number of columns; 80 without a terminal. */
  readonly columns: () => number;
  write(text: string): void;
}

/** Where people's answers come from. */
export interface Source {
  readonly isTerminal: boolean;
  /**
   * The next line without its line end; `null`: the input has ended, or the signal aborted. `hidden`: what is typed on
   * a terminal is not shown.
   */
  readLine(signal: AbortSignal, options?: { readonly hidden?: boolean }): Promise<string | null>;
}

/**
 * Everything of the process and the computer that a command may touch, handed in so that tests need no child process.
 */
export interface Io {
  /** The device families that are known. */
  readonly families: readonly Family[];
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: Source;
  /** Environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Emits `SIGINT`, `SIGTERM` and `SIGHUP`, and `stranded` with an error once nothing could end the run any more. */
  readonly signals: Pick<EventEmitter, 'on' | 'off' | 'emit'>;
  /** Monotonic, in ms. */
  now(): number;
  /** The world that a command acts on. */
  openWorld(options: WorldOptions): Promise<Environment>;
  /** The parts of the computer that a login item needs. */
  openMachine(): Promise<AgentComputer>;
}

export interface WorldOptions {
  /** The folder whose subfolders are the volumes; `null`: the system's volumes. */
  readonly root: string | null;
  /** Called with what people should know but nothing depends on. */
  readonly notice: (message: string) => void;
}
