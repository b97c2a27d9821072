import { changedFiles } from '../fake-volume/index.ts';
import { type Bench, createBench, type Household, NEW_HASH } from './bench.ts';
import { type Finding, judge, type Look } from './judge.ts';
import { LIMIT_MS, type Run } from './runs.ts';
import type { Strike } from './strike.ts';

/** How a struck run ended, and the one after it. */
export interface Outcome {
  /** `false`: the run came by without making that call. */
  readonly struck: boolean;
  /** The code of its result; what became of it where it told none. */
  readonly code: string;
  readonly secondCode: string;
  readonly findings: readonly Finding[];
  /** Whether the program ended by itself, but late: on a busy computer that may be nobody's fault. */
  readonly late: boolean;
}

/** A run that is struck, and then a quiet one. */
export async function playCase(run: Run, strike: Strike, household: Household): Promise<Outcome> {
  const bench = await createBench(household, run.awayMs);
  try {
    return await playOn(bench, run, strike);
  } finally {
    bench.dispose();
  }
}

async function playOn(bench: Bench, run: Run, strike: Strike): Promise<Outcome> {
  const { device } = bench;
  const users = device.userFiles();
  const oldHash = device.firmware.runningHash ?? '';
  const newHash = NEW_HASH ?? '';
  await run.prepare(bench);
  const before = lookAt(bench);
  let atResult: Look | null = null;
  const ran = await bench.run(run.argv(bench), strike, LIMIT_MS, () => {
    atResult = lookAt(bench);
  });
  atResult ??= lookAt(bench);
  await bench.rest();
  const settled = lookAt(bench);
  const findings = [...judge({ run, strike, ran, oldHash, newHash, before, atResult, settled })];
  const code = ran.result?.code ?? (ran.overdue ? 'nothing' : ran.status === null ? 'killed' : `died ${ran.status}`);
  const late = ran.status !== null && findings.some(({ fault }) => fault === 'outlived its result');
  if (!ran.struck) return { struck: false, code, secondCode: '', findings, late };

  const second = await bench.run(run.argv(bench), null, LIMIT_MS);
  const isWell = second.result?.verdict === 'applied' || second.result?.verdict === 'unchanged';
  const secondCode = second.result?.code ?? 'nothing';
  if (!isWell) findings.push({ fault: 'second run', why: `ended in ${secondCode}: ${second.result?.message ?? ''}` });
  if (run.action === 'install' && isWell && lookAt(bench).hash !== newHash) {
    findings.push({ fault: 'second run', why: `said ${secondCode}, and the new firmware does not run` });
  }
  const changed = changedFiles(users, device.userFiles());
  if (changed.length > 0) findings.push({ fault: 'user bytes changed', why: changed.join(', ') });
  return { struck: true, code, secondCode, findings, late };
}

function lookAt({ device: { firmware, card } }: Bench): Look {
  const { runningHash: hash, ready, memory } = firmware;
  return { hash, ready, bootCount: memory.bootCount, trigger: card.read('SPACEPAK/UPDATE.TRG') !== null };
}
