import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { explain, type FailedSeed, playSeeds } from './seeds.ts';

/**
 * Plays many seeds on all cores: `npm run test:swarm -- --seeds 100000 --from 1`. Ends with status 1 and the smallest story of each
 * kind of failure if there was any; `--keep FILE` keeps what was played.
 */
const PIECE = 500;

interface Part {
  readonly from: number;
  readonly count: number;
}

interface Done extends Part {
  readonly failed: readonly FailedSeed[];
}

async function work(): Promise<void> {
  parentPort?.on('message', async ({ from, count }: Part) => {
    parentPort?.postMessage({ from, count, failed: await playSeeds(from, count) } satisfies Done);
  });
}

function spread(from: number, seeds: number, threads: number, onDone: (done: Done) => void): Promise<void> {
  let next = from;
  const end = from + seeds;
  return Promise.all(
    Array.from({ length: threads }, () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: 'part' });
      return new Promise<void>((resolve, reject) => {
        const give = () => {
          if (next >= end) return resolve(void worker.terminate());
          const count = Math.min(PIECE, end - next);
          worker.postMessage({ from: next, count } satisfies Part);
          next += count;
        };
        worker.on('message', (done: Done) => {
          onDone(done);
          give();
        });
        worker.on('error', reject);
        give();
      });
    }),
  ).then(() => undefined);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000000' },
      from: { type: 'string', default: '1' },
      threads: { type: 'string', default: String(availableParallelism()) },
      explain: { type: 'string', default: '30' },
      keep: { type: 'string' },
    },
  });
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const began = performance.now();
  const kinds = new Map<string, number[]>();
  let done = 0;
  await spread(Number(values.from), Number(values.seeds), Number(values.threads), ({ count, failed }) => {
    done += count;
    for (const { seed, findings } of failed) {
      for (const { kind } of findings) kinds.set(kind, [...(kinds.get(kind) ?? []), seed]);
    }
    if (done % (PIECE * 20) === 0) say(`${done} seeds`);
  });
  const seconds = (performance.now() - began) / 1000;
  say(`${done} seeds from ${values.from} in ${seconds.toFixed(0)} s: ${kinds.size} kinds of failure`);
  const sorted = [...kinds].sort(([, one], [, two]) => two.length - one.length);
  for (const [kind, seeds] of sorted)
    say(`${String(seeds.length).padStart(7)}  ${kind}  (${seeds.slice(0, 3).join(', ')})`);
  for (const [kind, [seed]] of sorted.slice(0, Number(values.explain))) {
    if (seed !== undefined) say(`\n${await explain(seed, kind)}`);
  }
  if (values.keep !== undefined) {
    const kept = { from: Number(values.from), seeds: done, failedKinds: kinds.size, endedAt: new Date().toISOString() };
    await writeFile(values.keep, `${JSON.stringify(kept, null, 2)}\n`);
  }
  process.exitCode = kinds.size === 0 ? 0 : 1;
}

await (isMainThread || workerData !== 'part' ? main() : work());
