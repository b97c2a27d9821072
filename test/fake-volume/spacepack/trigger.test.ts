import { describe, expect, test } from 'vitest';
import { readText, writeText } from './grammar.ts';
import { buildPayload } from './image/build.ts';
import { readTrigger } from './trigger.ts';
import { buildInstallTrigger, buildPingTrigger } from './trigger-build.ts';

const OPTIONS = { nonce: 'AB'.repeat(16), serial: 'SP00000001', bootCount: 12, session: 'CD'.repeat(8) };
const INSTALL = buildInstallTrigger(OPTIONS, buildPayload());
const PING = buildPingTrigger(OPTIONS);

/** The same trigger with other values, a right CRC, and without the keys whose value is `null`. */
function changed(trigger: Uint8Array, changes: Readonly<Record<string, string | null>>): Uint8Array {
  const text = readText(trigger, 512);
  if (text.kind !== 'intact') throw new TypeError('the trigger is not intact');
  const lines = [...text.fields].filter(([key]) => key !== 'crc32' && changes[key] !== null);
  return writeText(lines.map(([key, value]) => [key, changes[key] ?? value]));
}

describe('a trigger (protocol §5)', () => {
  test('is read with its hexadecimal values in one case', () => {
    expect(readTrigger(INSTALL)).toMatchObject({
      kind: 'intact',
      trigger: { nonce: 'ab'.repeat(16), session: 'cd'.repeat(8), bootCount: 12, install: { allowDowngrade: false } },
    });
    expect(readTrigger(PING)).toMatchObject({ kind: 'intact', trigger: { install: null } });
  });

  test('may hold keys that nobody knows', () => {
    expect(readTrigger(changed(PING, {})).kind).toBe('intact');
    const text = Buffer.from(PING).toString('latin1').split('CRC32')[0] ?? '';
    expect(
      readTrigger(
        writeText([
          ...text
            .trim()
            .split('\r\n')
            .map((line) => line.split(': ') as [string, string]),
          ['X-New', ''],
        ]),
      ).kind,
    ).toBe('intact');
  });

  test.each([
    'protocol',
    'action',
    'nonce',
    'serial',
    'boot-count',
    'session',
    'length',
    'payload-crc32',
    'payload-sha256',
    'allow-downgrade',
  ])('without %s is malformed', (key) => {
    expect(readTrigger(changed(INSTALL, { [key]: null })).kind).toBe('malformed');
  });

  test.each([
    ['protocol', '2'],
    ['protocol', '01'],
    ['action', 'erase'],
    ['action', 'Install'],
    ['nonce', 'ab'.repeat(15)],
    ['serial', 'a b'],
    ['serial', 'S'.repeat(33)],
    ['boot-count', '-1'],
    ['boot-count', '007'],
    ['boot-count', '9007199254740992'],
    ['session', 'xx'.repeat(8)],
    ['length', '1e3'],
    ['payload-crc32', '1234567'],
    ['payload-sha256', 'ab'.repeat(31)],
    ['allow-downgrade', 'YES'],
  ])('with %s %s is malformed', (key, value) => {
    expect(readTrigger(changed(INSTALL, { [key]: value })).kind).toBe('malformed');
  });

  test('that is malformed still tells its nonce, if there is one', () => {
    expect(readTrigger(changed(INSTALL, { action: 'erase' }))).toMatchObject({ nonce: 'ab'.repeat(16) });
    expect(readTrigger(changed(INSTALL, { nonce: 'none' }))).toMatchObject({ nonce: null });
  });

  test('of a ping needs no key of an install', () => {
    expect(readTrigger(changed(INSTALL, { action: 'ping', length: null, 'payload-sha256': 'no hash' })).kind).toBe(
      'intact',
    );
  });
});
