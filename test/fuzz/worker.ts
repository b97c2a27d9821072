import { parentPort, workerData } from 'node:worker_threads';
import { type Campaign, type Fault, runCampaign } from './campaign.ts';
import { startCoverage } from './coverage.ts';
import { TARGETS } from './targets/index.ts';

/** What the command asks of the thread that a campaign runs in. */
export interface Task {
  readonly target: string;
  readonly seed: number;
  readonly inputs: readonly Uint8Array[];
  /** Whichever comes first. */
  readonly executions: number;
  readonly ms: number;
  /** How often an execution began, then the length of its input, then its bytes: what to blame if it never ends. */
  readonly window: SharedArrayBuffer;
}

/** What it answers. `corpus` holds only inputs that add to what the smaller ones of it reach. */
export interface Answer {
  readonly executions: number;
  readonly corpus: readonly Uint8Array[];
  readonly fault: Fault | null;
}

/** Of the counters at the start of the window. */
export const WINDOW_HEAD_BYTES = 8;

const isOurs = (url: string): boolean => /\/(src|test\/fake-volume)\/.*\.[jt]s$/.test(url);

async function work({ target: name, seed, inputs, executions: most, ms, window }: Task): Promise<Answer> {
  const target = TARGETS.find((each) => each.name === name);
  if (target === undefined) throw new Error(`Expected a target, found "${name}".`);
  const head = new Int32Array(window, 0, 2);
  const shown = new Uint8Array(window, WINDOW_HEAD_BYTES);
  const onInput = (bytes: Uint8Array): void => {
    shown.set(bytes.subarray(0, shown.length));
    Atomics.store(head, 1, Math.min(bytes.length, shown.length));
    Atomics.add(head, 0, 1);
  };
  const begun = performance.now();
  const goesOn = (executions: number): boolean => executions < most && performance.now() - begun < ms;
  const coverage = startCoverage(isOurs);
  const covered = (from: readonly Uint8Array[], limit: (executions: number) => boolean): Promise<Campaign> =>
    runCampaign(target, from, coverage, { seed, goesOn: limit, onInput });
  const found = await covered(inputs, goesOn);
  if (found.fault !== null) return found;
  coverage.forget();
  // Counted anew from the smallest on, what larger ones have made superfluous falls away.
  const { corpus, fault } = await covered(found.corpus, () => false);
  return { executions: found.executions, corpus, fault };
}

if (parentPort !== null) parentPort.postMessage(await work(workerData as Task));
