import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { readCorpus, writeCorpus, writeInput } from './corpus.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets/index.ts';
import { type Answer, type Task, WINDOW_HEAD_BYTES } from './worker.ts';

/** What CI does for each target; all of them take about a minute. */
const EXECUTIONS = 60_000;
/** An execution takes microseconds. One that has not ended after so long never will, however busy the machine is. */
const HANG_MS = 30_000;
const FOLDER = join('test', 'fuzz');

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    target: { type: 'string' },
    seed: { type: 'string' },
    input: { type: 'string' },
    keep: { type: 'boolean' },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs a campaign in a thread of its own, which can be ended if an execution does not. */
function campaign(target: Target, limits: Pick<Task, 'seed' | 'executions' | 'ms'>): Promise<Answer> {
  const window = new SharedArrayBuffer(WINDOW_HEAD_BYTES + (1 << 20));
  const head = new Int32Array(window, 0, 2);
  const task: Task = {
    ...limits,
    target: target.name,
    inputs: readCorpus(join(FOLDER, 'corpus'), target.name),
    window,
  };
  const worker = new Worker(new URL(import.meta.resolve('./worker.js')), { workerData: task });
  return new Promise((resolve, reject) => {
    let before = -1;
    const watch = setInterval(() => {
      const now = Atomics.load(head, 0);
      if (now !== before || now === 0) {
        before = now;
        return;
      }
      void worker.terminate();
      const bytes = Uint8Array.from(new Uint8Array(window, WINDOW_HEAD_BYTES, Atomics.load(head, 1)));
      resolve({ executions: now, corpus: [], fault: { bytes, message: `did not end within ${HANG_MS / 1000} s` } });
    }, HANG_MS);
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', () => clearInterval(watch));
  });
}

async function fuzz(target: Target, count: number): Promise<boolean> {
  const seconds = Number(values.seconds ?? Number.NaN);
  // The same seed each time where the count is fixed, so that only a change of the sources changes the outcome.
  const seed = Number(values.seed ?? (Number.isNaN(seconds) ? 1 : Date.now() % 0x1_0000_0000));
  const limits = Number.isNaN(seconds)
    ? { executions: EXECUTIONS / (target.cost ?? 1), ms: Number.POSITIVE_INFINITY }
    : { executions: Number.POSITIVE_INFINITY, ms: (seconds * 1000) / count };
  const { executions, corpus, fault } = await campaign(target, { seed, ...limits });
  if (fault !== null) {
    const path = writeInput(join(FOLDER, 'found', target.name), fault.bytes);
    say(`${target.name}: a promise is broken after ${executions} executions (seed ${seed})\n${fault.message}`);
    say(`Run it again: npm run fuzz -- --target ${target.name} --input ${path}`);
    return false;
  }
  if (values.keep === true) writeCorpus(join(FOLDER, 'corpus'), target.name, corpus);
  say(`${target.name}: ${executions} executions, ${corpus.length} inputs reach all that was reached (seed ${seed})`);
  return true;
}

async function runOne(target: Target, path: string): Promise<boolean> {
  say(`${target.name}: ${await target.run(readFileSync(path))}`);
  return true;
}

const chosen = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
if (chosen.length === 0) throw new Error(`Expected a target of ${TARGETS.map(({ name }) => name).join(', ')}.`);
if (!existsSync(FOLDER)) throw new Error(`Expected to be run in the root of the project, found no ${FOLDER}.`);
let isWell = true;
for (const target of chosen) {
  const kept = values.input === undefined ? await fuzz(target, chosen.length) : await runOne(target, values.input);
  isWell = kept && isWell;
}
process.exitCode = isWell ? 0 : 1;
