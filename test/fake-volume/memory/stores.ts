import type { LockStore } from '../../../src/computer/locks.ts';
import type { RecordStore } from '../../../src/computer/records.ts';
import type { OpenRecord } from '../../../src/protocol/commitment.ts';
import { SpacepackError } from '../../../src/protocol/errors.ts';
import { LIMITS_MS, type Manner } from './operations.ts';
import type { Process } from './process.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A call to the stores on the computer's own disk. */
export type OwnCall = 'list' | 'prepare' | 'save' | 'close' | 'lock' | 'unlock';

/** Calls to the computer's own disk that fail with `own-disk`, from one of them on. */
export interface OwnDiskFailure extends Manner {
  /** Default: any. */
  readonly calls?: readonly OwnCall[];
  /** From which of these calls on, counted from 1 over the whole world. Default 1. */
  readonly from?: number;
  /** How many of them. Default: all that follow. */
  readonly count?: number;
  /** From 0. Default: any. */
  readonly process?: number;
}

/** The disk that the records and locks of a world lie on. */
export interface OwnDisk {
  /** Of each user. */
  readonly records: Map<string, Map<string, OpenRecord>>;
  /** What is locked, for whom. */
  readonly locks: Map<string, Process>;
  /** Does `effect`, unless a failure strikes. */
  call<T>(process: Process, call: OwnCall, effect: () => T): Promise<T>;
}

/** A call to the own disk that was made. */
export type OnOwnCall = (process: Process, call: OwnCall) => void;

export function createOwnDisk(
  clock: VirtualClock,
  failures: readonly OwnDiskFailure[],
  onOwnCall: OnOwnCall = () => {},
): OwnDisk {
  const struck = new Map<OwnDiskFailure, number>();
  const failureOf = (process: Process, call: OwnCall): OwnDiskFailure | undefined => {
    let found: OwnDiskFailure | undefined;
    for (const failure of failures) {
      const { calls, from = 1, count = Number.POSITIVE_INFINITY } = failure;
      const isMeant =
        (calls === undefined || calls.includes(call)) && (failure.process ?? process.number) === process.number;
      if (!isMeant) continue;
      const visit = (struck.get(failure) ?? 0) + 1;
      struck.set(failure, visit);
      if (visit >= from && visit < from + count) found ??= failure;
    }
    return found;
  };
  return {
    records: new Map(),
    locks: new Map(),
    async call(process, call, effect) {
      onOwnCall(process, call);
      await process.pass();
      const failure = failureOf(process, call);
      if (failure?.hang === 'late') clock.laterOnHost(LIMITS_MS.ownDisk * 2, effect);
      if (failure?.hang !== undefined) await clock.sleep(LIMITS_MS.ownDisk);
      const result = failure === undefined || failure.when === 'after' ? effect() : undefined;
      await process.pass();
      if (failure === undefined) return result as Awaited<ReturnType<typeof effect>>;
      throw new SpacepackError(
        'own-disk',
        `Expected ${call} on the own disk to succeed, found that it fails on purpose.`,
      );
    },
  };
}

/** The records of one user, for one process: they outlive every run. */
export function createMemoryRecords(disk: OwnDisk, process: Process): RecordStore {
  const { user } = process;
  const records = disk.records.get(user) ?? new Map<string, OpenRecord>();
  disk.records.set(user, records);
  return {
    list: () => disk.call(process, 'list', () => [...records.values()].reverse()),
    prepare: () => disk.call(process, 'prepare', () => undefined),
    save: (record) => disk.call(process, 'save', () => void records.set(record.nonce, record)),
    close: (nonce) => disk.call(process, 'close', () => void records.delete(nonce)),
  };
}

/** The locks of the computer, for one process: its system frees them when it ends. */
export function createMemoryLocks({ locks, call }: OwnDisk, process: Process): LockStore {
  process.onEnd(() => {
    for (const [name, holder] of [...locks]) if (holder === process) locks.delete(name);
  });
  return {
    acquire: (name) =>
      call(process, 'lock', () => {
        // A call that took effect too late: its system has freed what it held.
        if (!process.isAlive) return async () => undefined;
        const holder = locks.get(name);
        if (holder !== undefined) {
          throw new SpacepackError('device-locked', `Expected ${name} to be free, found that ${holder.user} holds it.`);
        }
        locks.set(name, process);
        return () => call(process, 'unlock', () => void (locks.get(name) === process && locks.delete(name)));
      }),
  };
}
