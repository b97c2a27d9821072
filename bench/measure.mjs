import { spawnSync } from 'node:child_process';

/** Middle of a list of numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs a program to its end; its wall time in ms. Throws unless it exits with 0. */
export function timed(command, args, options = {}) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}: ${stderr}`);
  return ms;
}

/** Medians in ms of several things, run in turn so that all see the same machine; the first turn warms up and is not counted. */
export async function inTurn(runs, subjects) {
  const times = subjects.map(() => []);
  for (let turn = 0; turn <= runs; turn++) {
    for (const [index, subject] of subjects.entries()) {
      const ms = await subject();
      if (turn > 0) times[index]?.push(ms);
    }
  }
  return times.map(median);
}

/** Prints one figure: what it is, the bound that it should keep, and what was measured. */
export function show({ name, measured, bound, keeps, detail }) {
  process.stdout.write(`${keeps ? 'keeps ' : 'BREAKS'}  ${name}: ${measured}  (bound: ${bound}; ${detail})\n`);
}
