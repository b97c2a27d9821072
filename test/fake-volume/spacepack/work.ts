import type { Board } from './board.ts';

/**
 * Where the firmware pauses. Power can be lost in each of these pauses, and each can be made to fail or to hang:
 * see `TroubleAt`.
 */
export type Step =
  | 'plug'
  | 'attach'
  | 'configure'
  | 'confirm'
  | 'ready'
  | 'wait'
  | 'look'
  | 'leave'
  | 'accept'
  | 'announce'
  | 'erase'
  | 'program'
  | 'finish'
  | 'check'
  | 'start'
  | 'away';

/** How a pause ended. What a failure means is said where the pause is. */
export type Outcome = 'done' | 'fail';

/**
 * Asked whenever a pause begins. `fail`: the pause ends with a failure; `hang`: it never ends; `lose-power`: all power is
 * lost at once; `null`: nothing happens.
 */
export type TroubleAt = (step: Step) => 'fail' | 'hang' | 'lose-power' | null;

export interface Pause {
  readonly step: Step;
  over(): boolean;
  /** When to look again even if nothing happens, in ms; `null`: never. */
  wakeMs(): number | null;
}

/** A course of actions with pauses, written down in the order in which the device takes them. */
export type Work<Result = void> = Generator<Pause, Result, Outcome>;

/** A pause of so many ms. */
export function sleep(board: Board, step: Step, ms: number): Pause {
  const end = board.now() + Math.max(0, ms);
  return { step, over: () => board.now() >= end, wakeMs: () => end };
}

/** A pause until something has happened to the device. */
export function until(step: Step, happened: () => boolean): Pause {
  return { step, over: happened, wakeMs: () => null };
}
