import { describe, expect, test } from 'vitest';
import { compareIdentities, compareSerials, findSame, type Identity } from '../../src/protocol/identity.ts';
import type { Drive } from '../../src/protocol/sight.ts';

const who = (serial: string | null, port: string | null, attachment: string): Identity => ({
  serial,
  port,
  attachment,
});

function driveOf(serial: string | null, port: string | null, attachment: string): Drive {
  const usb = { vendorId: 0x19e7, productId: 0x1111, bcdDevice: 0x100, serial, port, revision: null };
  const inquiry = { vendor: 'mophie', product: 'SpacePack', mediaName: 'mophie SpacePack' };
  return {
    ...inquiry,
    id: attachment,
    attachment,
    usb,
    sizeBytes: 1,
    writeProtected: false,
    scheme: 'mbr',
    volumes: [],
  };
}

describe('who a device is', () => {
  test.each([
    ['SP1', 'sp1', 'same'],
    ['SP1', 'SP2', 'other'],
    ['SP1', null, 'unknown'],
    [null, null, 'unknown'],
  ] as const)('serials %s and %s: %s', (one, other, expected) => {
    expect(compareSerials(one, other)).toBe(expected);
  });

  test.each([
    ['an equal serial alone proves nothing', who('SP1', null, 'a'), who('SP1', null, 'b'), 'unknown'],
    ['the same port and no other serial', who('SP1', '1-1', 'a'), who(null, '1-1', 'b'), 'same'],
    ['one serial at two ports: factories do that', who('SP1', '1-1', 'a'), who('SP1', '1-2', 'b'), 'other'],
    ['two serials at one port', who('SP1', '1-1', 'a'), who('SP2', '1-1', 'b'), 'other'],
    ['one attachment', who(null, null, 'a'), who('SP1', null, 'a'), 'same'],
    ['one serial at two ports, both away', who('SP1', '1-1', ''), who('SP1', '1-2', ''), 'other'],
    ['nothing known', who(null, null, 'a'), who(null, null, 'b'), 'unknown'],
  ] as const)('%s', (_, one, other, expected) => {
    expect(compareIdentities(one, other)).toBe(expected);
    expect(compareIdentities(other, one)).toBe(expected);
  });
});

describe('the device that was chosen, among those that are there', () => {
  const twins = [driveOf('SP1', '1-1', 'a'), driveOf('SP1', '1-2', 'b')];

  test('is the one at its port, whatever comes first in the list', () => {
    expect(findSame(who('SP1', '1-2', 'gone'), twins)?.id).toBe('b');
    expect(findSame(who('SP1', '1-2', 'b'), [...twins].reverse())?.id).toBe('b');
  });

  test('is not one at another port that merely hides its serial', () => {
    expect(findSame(who('SP2', '1-2', 'gone'), [driveOf(null, '1-1', 'a')])).toBeNull();
  });

  test('is refused if nothing tells two apart', () => {
    const alike = [driveOf('SP1', null, 'a'), driveOf('SP1', null, 'b')];
    expect(() => findSame(who('SP1', null, 'gone'), alike)).toThrow(expect.objectContaining({ code: 'devices-alike' }));
  });

  test('is the only one that may be it, if there is a known serial to compare INFO.TXT with', () => {
    expect(findSame(who('SP1', null, 'gone'), [driveOf(null, null, 'a')])?.id).toBe('a');
    expect(findSame(who(null, null, 'gone'), [driveOf(null, null, 'a')])).toBeNull();
  });
});
