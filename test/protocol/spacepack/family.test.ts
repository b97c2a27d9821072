import { describe, expect, test } from 'vitest';
import type { Commitment } from '../../../src/protocol/commitment.ts';
import type { Witnesses } from '../../../src/protocol/family.ts';
import { describeInfo, spacepack } from '../../../src/protocol/spacepack/family.ts';
import type { Info } from '../../../src/protocol/spacepack/info.ts';
import { writeTrigger } from '../../../src/protocol/spacepack/trigger.ts';
import type { Moment } from '../../../src/protocol/spacepack/verdict.ts';

const NONCE = 'a'.repeat(32);
const SESSION = '0123456789abcdef';
const absent = { kind: 'absent', why: 'expected it, found none' } as const;
const unreadable = { kind: 'unreadable', why: 'expected to read it, found EIO' } as const;

const commitment: Commitment<Moment> = {
  action: 'ping',
  serial: 'SP1',
  nonce: NONCE,
  newImage: null,
  oldImage: null,
  memory: { bootCount: 7, session: SESSION },
};

function info(bootCount: number, session: string | null = SESSION): Info {
  const battery = { batteryPercent: 80, batteryMinPercent: 30 };
  const timing = { quietMs: 500, quietDirtyMs: 5_000, maxAwayMs: 5_000 };
  const details = { model: 'SpacePack', hardware: 0x0100, version: null, maxPayloadBytes: 1, securityFloor: 0 };
  return {
    protocol: session === null ? 9 : 1,
    serial: 'SP1',
    mode: 'bootloader',
    bootCount,
    image: null,
    details: session === null ? null : { ...details, ...battery, timing, session },
  };
}

const trigger = (nonce: string, bootCount = 7): Witnesses['trigger'] => ({
  kind: 'intact',
  value: writeTrigger({ nonce, serial: 'SP1', bootCount, session: SESSION, action: { kind: 'ping' } }),
});

describe('what became of a commit', () => {
  test.each<[string, Info, Witnesses['trigger'], string]>([
    ['a later boot count: it has been away', info(8), absent, 'answered'],
    ['a later boot count, whatever the session is', info(8, 'f'.repeat(16)), trigger(NONCE), 'answered'],
    ['an earlier boot count: its files are old', info(6), absent, 'outdated'],
    ['the same boot count and another session: another device', info(7, 'f'.repeat(16)), absent, 'other'],
    ['another version of the protocol: not known', info(7, null), absent, 'unknown'],
    ['its trigger is there: it will act on it', info(7), trigger(NONCE), 'waiting'],
    ["another one's trigger is there: ours never arrived", info(7), trigger('b'.repeat(32)), 'never-arrived'],
    ['a trigger of an older boot count is there: ours never arrived', info(7), trigger(NONCE, 6), 'never-arrived'],
    ['no trigger is there: it never arrived', info(7), absent, 'never-arrived'],
    ['its trigger cannot be read: not known', info(7), unreadable, 'unreadable'],
  ])('%s', (_, read, found, kind) => {
    expect(
      spacepack.trace(commitment, describeInfo(read), { answer: absent, trigger: found, others: new Map() }),
    ).toMatchObject({ kind });
  });
});

describe('what lies there is inert', () => {
  const known = { kind: 'intact', value: describeInfo(info(7)) } as const;
  test.each<[string, Parameters<typeof spacepack.isInert>[0], Witnesses['trigger'], boolean]>([
    ['without a trigger', known, absent, true],
    ['with a trigger of an earlier boot', known, trigger(NONCE, 6), true],
    ['but not with a trigger of the present session', known, trigger(NONCE), false],
    ['but not if the protocol is not known', { kind: 'intact', value: describeInfo(info(7, null)) }, absent, false],
    ['but not if it is not known who the device is', unreadable, absent, false],
  ])('%s', (_, read, found, isInert) => {
    expect(spacepack.isInert(read, found)).toBe(isInert);
  });
});

test.each<[unknown, boolean]>([
  [{ bootCount: 7, session: SESSION }, true],
  [{ bootCount: -1, session: SESSION }, false],
  [{ bootCount: 7, session: 'short' }, false],
  [{ session: SESSION }, false],
  [null, false],
])('what was kept of a commit is read back, if it makes sense: %j', (kept, isUnderstood) => {
  expect(spacepack.parseMemory(kept) !== null).toBe(isUnderstood);
});
