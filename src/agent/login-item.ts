import { readIfThere } from '../computer/own-disk.ts';
import type { OwnProgram } from './agent-computer.ts';
import { type Diagnosis, diagnosis } from './diagnosis.ts';
import type { Step } from './steps.ts';

/** What a login item starts, and how. */
export interface Wish {
  readonly program: OwnProgram;
  /** Environment variables that it needs. */
  readonly variables: Readonly<Record<string, string>>;
  /** Hours between two starts while nothing is plugged in or out. */
  readonly hours: number;
  /** Absolute; the steps create it. */
  readonly logFolder: string;
}

/** The state of the login item on this computer. */
export interface LoginItemState {
  /** Its file is there. */
  readonly installed: boolean;
  /** The system will start it. */
  readonly active: boolean;
  /** What it starts; `null` if its file cannot be understood. */
  readonly program: OwnProgram | null;
  readonly diagnoses: readonly Diagnosis[];
}

/** The state when no login item is installed. */
export const NOT_INSTALLED: LoginItemState = {
  installed: false,
  active: false,
  program: null,
  diagnoses: [diagnosis('note', 'None is installed: devices are not kept up to date automatically.')],
};

/** The file of a login item; `null`: there is none. One that cannot be read is there, and cannot be understood: ''. */
export async function textOfItem(path: string): Promise<string | null> {
  return readIfThere(path).then(
    (bytes) => bytes?.toString('utf8') ?? null,
    () => '',
  );
}

/** The steps from the current state, in order, and advice on what only a person can do. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly advice: readonly string[];
}

/**
 * A system's way to start us when somebody logs in, when a device appears, and every few hours. Nothing keeps running.
 */
export interface LoginItem {
  inspect(): Promise<LoginItemState>;
  /** No steps if everything is already as requested. Rejects with `not-ready` if it cannot be installed. */
  install(wish: Wish): Promise<Plan>;
  /** No steps if nothing is installed. */
  uninstall(): Promise<Plan>;
}

/** What the login item runs after node and the script. */
export const RUN_ARGUMENTS: readonly string[] = ['agent', 'run', '--once', '--quiet'];
