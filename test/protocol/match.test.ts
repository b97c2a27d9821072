import { describe, expect, test } from 'vitest';
import type { OpenRecord } from '../../src/protocol/commitment.ts';
import { hasIds, isRecordOf, matches } from '../../src/protocol/match.ts';
import type { Drive } from '../../src/protocol/sight.ts';
import { spacepack } from '../../src/protocol/spacepack/family.ts';
import { uf2 } from '../../src/protocol/uf2/family.ts';

const record = { family: 'spacepack', memory: { bootCount: 1, session: '0'.repeat(16) } } as OpenRecord;

test('a record is of a device of its own family, if that understands it', () => {
  expect(isRecordOf(spacepack, record)).toBe(true);
  expect(isRecordOf({ ...spacepack, id: 'another' }, record)).toBe(false);
  expect(isRecordOf(spacepack, { ...record, memory: null })).toBe(false);
});

describe('a family whose devices may have other ids', () => {
  const stick = { usb: { vendorId: 0x0781, productId: 0x5567 } } as Drive;
  const boards = { ...stick, usb: { ...stick.usb, vendorId: 0x2e8a, productId: 0x000f } } as Drive;
  test.each([
    ['a plain stick', stick, { mayBe: true, isSurely: false }],
    ['an RP2350 in its bootloader', boards, { mayBe: true, isSurely: true }],
  ])('%s', (_what, drive, { mayBe, isSurely }) => {
    expect([matches(uf2, drive), hasIds(uf2, drive)]).toEqual([mayBe, isSurely]);
  });
});
