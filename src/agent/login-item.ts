import type { OwnProgram } from './agent-computer.ts';
import { type Diagnosis, diagnosis } from './diagnosis.ts';
import type { Step } from './steps.ts';

/** What a login item starts, and how. */
export interface Wish {
  readonly program: OwnProgram;
  /** Environment variables that it needs. */
  readonly variables: Readonly<Record<string, string>>;
  /** Between two starts while nothing is plugged in or out. */
  readonly hours: number;
  /** Absolute; the steps make it. */
  readonly logFolder: string;
}

/** How a login item stands on this computer. */
export interface LoginItemState {
  /** Its file is there. */
  readonly installed: boolean;
  /** The system will start it. */
  readonly active: boolean;
  /** What it starts, as far as its file can be understood. */
  readonly program: OwnProgram | null;
  readonly diagnoses: readonly Diagnosis[];
}

/** How it stands where there is none. */
export const NOT_INSTALLED: LoginItemState = {
  installed: false,
  active: false,
  program: null,
  diagnoses: [diagnosis('note', 'There is none: devices are not kept up to date by themselves.')],
};

/** What to do, in order, from how things stand now; and what only a person can do. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly advice: readonly string[];
}

/** A system's way of starting us when somebody logs in, when a device comes, and every so many hours. Nothing of it stays running. */
export interface LoginItem {
  inspect(): Promise<LoginItemState>;
  /** No steps if all is as wished. Rejects with `not-ready` where it cannot be. */
  install(wish: Wish): Promise<Plan>;
  /** No steps if nothing is there. */
  uninstall(): Promise<Plan>;
}

/** What the login item runs after node and the script. */
export const RUN_ARGUMENTS: readonly string[] = ['agent', 'run', '--once', '--quiet'];
