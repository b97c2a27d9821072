import type { EventEmitter } from 'node:events';
import type { AgentComputer } from '../../agent/agent-computer.ts';
import type { Family } from '../../protocol/family.ts';
import type { Environment } from '../../volume/port.ts';

/** Where text goes. Writing never throws and never fails the run, also when nobody reads any more. */
export interface Sink {
  readonly isTerminal: boolean;
  /** Columns of the terminal as it is now; 80 where there is none. */
  readonly columns: () => number;
  write(text: string): void;
}

/** Where the answers of people come from. */
export interface Source {
  readonly isTerminal: boolean;
  /**
   * The next line without its end; `null`: there will be none. Aborting resolves with `null` too. `hidden`: what is typed on a
   * terminal is not shown.
   */
  readLine(signal: AbortSignal, options?: { readonly hidden?: boolean }): Promise<string | null>;
}

/** Everything of the process and the computer that a command may touch: handed in whole, so that tests need no child process. */
export interface Io {
  /** The device families that are known. */
  readonly families: readonly Family[];
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: Source;
  /** Environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Emits `SIGINT`, `SIGTERM` and `SIGHUP`. */
  readonly signals: Pick<EventEmitter, 'on' | 'off' | 'emit'>;
  /** Monotonic, in ms. */
  now(): number;
  /** The world that a command acts on. */
  openWorld(options: WorldOptions): Promise<Environment>;
  /** The computer, for what a login item needs of it. */
  openMachine(): Promise<AgentComputer>;
}

export interface WorldOptions {
  /** Volumes are the folders below it; `null`: the system's. */
  readonly root: string | null;
  /** Told of what people should know and nothing depends on. */
  readonly notice: (message: string) => void;
}
