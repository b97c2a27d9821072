import { describe, expect, test } from 'vitest';
import { parseDetails } from '../../../src/protocol/daplink/details.ts';

const parse = (...lines: readonly string[]) => parseDetails(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));

const MODERN = [
  '# DAPLink Firmware - see https://mbed.com/daplink',
  'Build ID: 0257-gc782a5ba (gcc)',
  'Unique ID: 0240000034544e45001a00018aa900292011000097969900',
  'HIC ID: 97969900',
  'Auto Reset: 1',
  'Automation allowed: 0',
  'Daplink Mode: Interface',
  'Interface Version: 0257',
  'Remount count: 3',
];

describe('DETAILS.TXT', () => {
  test('tells who the probe is, and how often its drive has come back', () => {
    expect(parse(...MODERN)).toEqual({
      kind: 'intact',
      value: {
        uniqueId: '0240000034544e45001a00018aa900292011000097969900',
        mode: 'application',
        version: '0257',
        remounts: 3,
        isAutomationAllowed: false,
        switches: new Map([
          ['auto reset', true],
          ['automation allowed', false],
        ]),
      },
    });
  });

  test('keys are compared regardless of case, and comments are no keys', () => {
    const parsed = parse('# Unique ID: 1', 'UNIQUE ID:  2', 'daplink MODE: bootloader', 'remount COUNT: 0');
    expect(parsed).toMatchObject({ value: { uniqueId: '2', mode: 'bootloader', remounts: 0 } });
  });

  test('of a fork of ST, tells the version and no more', () => {
    const nothing = { uniqueId: null, remounts: null, isAutomationAllowed: null };
    expect(parse('Version: 0221', 'Build:   Apr 27 2015 16:05:11')).toMatchObject({
      value: { ...nothing, mode: 'application', version: '0221' },
    });
  });

  test('a count that is no number is not known', () => {
    expect(parse('Unique ID: 1', 'Remount count: many')).toMatchObject({ value: { remounts: null } });
    expect(parse('Unique ID: 1', 'Remount count: -1')).toMatchObject({ value: { remounts: null } });
  });

  test.each([
    ['another text', 'Title: Details of our holiday'],
    ['nothing', ''],
    ['a version alone', 'Version: 3'],
    ['a version and a build of anything', 'Version: 1.2\nBuild: 2020'],
    ['a version and a build of four digits', 'Version: 1202\nBuild: 2020'],
  ])('%s is somebody else’s', (_, text) => {
    expect(parse(text)).toMatchObject({ kind: 'absent' });
  });

  test.each([
    ['a mode that nobody knows', 'Unique ID: 1\r\nDaplink Mode: Turbo'],
    ['a very long text', `Unique ID: ${'1'.repeat(9000)}`],
  ])('%s cannot be understood', (_, text) => {
    expect(parse(text)).toMatchObject({ kind: 'malformed' });
  });
});
