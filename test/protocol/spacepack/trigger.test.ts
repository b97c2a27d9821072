import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseInfo } from '../../../src/protocol/spacepack/info.ts';
import { isLive, parseTrigger, type Trigger, writeTrigger } from '../../../src/protocol/spacepack/trigger.ts';
import { altered, example } from './examples.ts';

const NONCE = '000102030405060708090a0b0c0d0e0f';
const trigger = (changes: Record<string, string | null> = {}) => parseTrigger(altered('12.2', changes, crc32));

describe('UPDATE.TRG (protocol §5)', () => {
  const install: Trigger = {
    nonce: NONCE,
    serial: 'SP0042',
    bootCount: 7,
    session: '00112233445566ff',
    action: {
      kind: 'install',
      payload: { lengthBytes: 262_160, crc32: 0x89abcdef, sha256: 'c3'.repeat(32) },
      allowDowngrade: false,
    },
  };
  const ping: Trigger = {
    nonce: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    serial: 'SP0042',
    bootCount: 8,
    session: '8899aabbccddeeff',
    action: { kind: 'ping' },
  };

  test.each([
    ['install, §12.2', '12.2', install],
    ['ping, §12.4', '12.4', ping],
  ])('%s is written and read as the example says', (_, clause, expected) => {
    expect(Buffer.from(writeTrigger(expected)).toString('hex')).toBe(Buffer.from(example(clause)).toString('hex'));
    expect(parseTrigger(example(clause))).toEqual({ kind: 'intact', value: expected });
  });

  test('the longest trigger fits in one sector (§3.2)', () => {
    const longest: Trigger = {
      ...install,
      serial: 'S'.repeat(32),
      bootCount: Number.MAX_SAFE_INTEGER,
      action: {
        kind: 'install',
        payload: { lengthBytes: Number.MAX_SAFE_INTEGER, crc32: 0xffffffff, sha256: 'c3'.repeat(32) },
        allowDowngrade: true,
      },
    };
    const bytes = writeTrigger(longest);
    expect(bytes.length).toBeLessThanOrEqual(512);
    expect(parseTrigger(bytes)).toEqual({ kind: 'intact', value: longest });
  });

  test.each([
    ['an unknown action', { Action: 'erase' }],
    ['an install without a length', { Length: null }],
    ['another protocol', { Protocol: '2' }],
    ['a short nonce', { Nonce: '00' }],
  ])('malformed: %s', (_, changes) => {
    expect(trigger(changes).kind).toBe('malformed');
  });

  test('is live only at the same boot count and session (§7.6)', () => {
    const present = parseInfo(example('12.1'));
    if (present.kind !== 'intact') throw new Error(present.why);
    expect(isLive(install, present.value)).toBe(true);
    expect(isLive({ ...install, bootCount: 6 }, present.value)).toBe(false);
    expect(isLive({ ...install, session: '0011223344556600' }, present.value)).toBe(false);
    expect(isLive(install, { ...present.value, details: null })).toBe(false);
  });
});
