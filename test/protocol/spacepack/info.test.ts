import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseInfo } from '../../../src/protocol/spacepack/info.ts';
import { altered, example } from './examples.ts';

const info = (changes: Record<string, string | null> = {}) => parseInfo(altered('12.1', changes, crc32));

describe('INFO.TXT (protocol §4)', () => {
  test('the example of §12.1', () => {
    expect(parseInfo(example('12.1'))).toEqual({
      kind: 'intact',
      value: {
        protocol: 1,
        serial: 'SP0042',
        mode: 'application',
        bootCount: 7,
        image: '5d'.repeat(32),
        details: {
          model: 'SpacePack',
          hardware: 0x0100,
          version: { major: 1, minor: 0, revision: 0, build: 0 },
          session: '00112233445566ff',
          maxPayloadBytes: 16_777_216,
          securityFloor: 1,
          batteryPercent: 80,
          batteryMinPercent: 30,
          timing: { quietMs: 1500, quietDirtyMs: 40_000, maxAwayMs: 120_000 },
        },
      },
    });
  });

  test('timing values are clamped (§4.2)', () => {
    const wide = info({ 'Quiet-ms': '99999999', 'Quiet-Dirty-ms': '99999999', 'Max-Away-ms': '99999999' });
    const none = info({ 'Quiet-ms': '0', 'Quiet-Dirty-ms': '0', 'Max-Away-ms': '0' });
    expect(wide).toMatchObject({
      value: { details: { timing: { quietMs: 10_000, quietDirtyMs: 120_000, maxAwayMs: 900_000 } } },
    });
    expect(none).toMatchObject({
      value: { details: { timing: { quietMs: 500, quietDirtyMs: 5_000, maxAwayMs: 5_000 } } },
    });
  });

  test('the bootloader runs no image', () => {
    expect(info({ Mode: 'bootloader', Version: 'none', Image: 'none' })).toMatchObject({
      kind: 'intact',
      value: { mode: 'bootloader', image: null, details: { version: null } },
    });
  });

  test.each([
    ['bootloader with an image', { Mode: 'bootloader' }],
    ['application without an image', { Image: 'none' }],
    ['application without a version', { Version: 'none' }],
    ['battery above 100', { Battery: '101' }],
    ['a version out of range', { Version: '256.0.0+0' }],
    ['an unknown mode', { Mode: 'sleeping' }],
    ['a short hash', { Image: '5d' }],
    ['no serial', { Serial: null }],
    ['no session', { Session: null }],
  ])('malformed: %s', (_, changes) => {
    expect(info(changes).kind).toBe('malformed');
  });

  test('another version of the protocol can still be judged (§11.1)', () => {
    expect(info({ Protocol: '2', Session: null, Battery: 'many', Version: 'two' })).toMatchObject({
      kind: 'intact',
      value: { protocol: 2, serial: 'SP0042', bootCount: 7, details: null },
    });
  });
});
