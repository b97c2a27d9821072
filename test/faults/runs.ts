import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';

/** A run that is harmed, call by call. */
export interface Run {
  readonly name: RunName;
  readonly action: 'install' | 'ping';
  readonly argv: (bench: Bench) => readonly string[];
  /** What comes before it, unharmed. */
  readonly prepare: (bench: Bench) => Promise<void>;
  /** How long its device stays away, in ms, where that is longer than it must. */
  readonly awayMs?: number;
}

export type RunName = 'update' | 'ping' | 'resolving' | 'away' | 'agent';

/** Most seconds that a run is given. */
export const TIMEOUT_S = 120;

/** Longest time in ms within which a run that is given so much has to tell a result, whatever hangs. */
export const LIMIT_MS: number = (TIMEOUT_S + 40) * 1_000;

const limited = (bench: Bench): readonly string[] => ['--root', bench.bus, '--json', '--timeout', `${TIMEOUT_S}`];
const update = (bench: Bench): readonly string[] => ['update', bench.image, ...limited(bench)];

const atOnce = async (): Promise<void> => {};

/** An update is killed as soon as its trigger is durable: its record is open. */
async function leaveRecord(bench: Bench): Promise<void> {
  const point = { call: 'fsync', path: 'volume/SPACEPACK/SPACEPAK/UPDATE.TRG', occurrence: 1, stage: '' };
  const { struck } = await bench.run(update(bench), { point, harm: 'kill-after' }, LIMIT_MS);
  if (!struck) throw new Error('expected an fsync of UPDATE.TRG, found none: the resolving run has nothing to resolve');
}

/** And the device has installed, and is back. */
async function leaveRecordAndReturn(bench: Bench): Promise<void> {
  await leaveRecord(bench);
  await bench.rest();
}

/** And the device is away at this moment. */
async function leaveRecordAndWait(bench: Bench): Promise<void> {
  await leaveRecord(bench);
  for (let left = 600; left > 0 && bench.device.firmware.onBus; left -= 1) await sleep(50);
}

export const RUNS: Readonly<Record<RunName, Run>> = {
  update: { name: 'update', action: 'install', argv: update, prepare: atOnce },
  ping: { name: 'ping', action: 'ping', argv: (bench) => ['ping', ...limited(bench)], prepare: atOnce },
  resolving: { name: 'resolving', action: 'install', argv: update, prepare: leaveRecordAndReturn },
  away: { name: 'away', action: 'install', argv: update, prepare: leaveRecordAndWait, awayMs: 4_000 },
  agent: {
    name: 'agent',
    action: 'install',
    argv: (bench) => ['agent', 'run', '--once', '--now', '--root', bench.bus, '--json'],
    prepare: atOnce,
  },
};
