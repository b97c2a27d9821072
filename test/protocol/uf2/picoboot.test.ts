import { describe, expect, test } from 'vitest';
import {
  EXIT_XIP,
  encodePicoboot,
  type PicobootCommand,
  parsePicobootStatus,
  parseTarget,
  picobootFault,
  readFlashCommand,
  restartCommand,
  rp2ChipOf,
  targetCommand,
} from '../../../src/protocol/uf2/picoboot.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const packet = (command: PicobootCommand): string => hex(encodePicoboot(0x0102_0304, command));

/** Bytes as pico-sdk's boot/picoboot.h lays them out. */
describe('commands of PICOBOOT', () => {
  test('a read has the address and twice the length', () => {
    expect(packet(readFlashCommand(0x1000_1200, 0x400))).toBe(
      `${'0bd11f43'}${'04030201'}${'8408'}${'0000'}${'00040000'}${'00120010'}${'00040000'}${'00'.repeat(8)}`,
    );
  });

  test('EXIT_XIP has no arguments', () => {
    expect(packet(EXIT_XIP)).toBe(`0bd11f43${'04030201'}0600000000000000${'00'.repeat(16)}`);
  });

  test('an RP2040 restarts by REBOOT, from its flash memory', () => {
    expect(packet(restartCommand('RP2040', 0xe48b_ff56, 500))).toBe(
      `0bd11f4304030201020c0000${'00000000'}${'00000000'}${'00000000'}${'f4010000'}${'00000000'}`,
    );
  });

  test('an RP2350 restarts by REBOOT2, as an update of its flash memory, on the cores that the family is for', () => {
    const args = (familyId: number): string => packet(restartCommand('RP2350', familyId, 500)).slice(32);
    expect(packet(restartCommand('RP2350', 0xe48b_ff59, 500)).slice(16, 24)).toBe('0a100000');
    expect(args(0xe48b_ff59)).toBe('14000000f40100000000001000000000');
    expect(args(0xe48b_ff5a)).toBe('24000000f40100000000001000000000');
    expect(args(0xe48b_ff57)).toBe('04000000f40100000000001000000000');
  });

  test('GET_INFO asks where blocks of a family go', () => {
    expect(packet(targetCommand(0xe48b_ff59)).slice(16)).toBe(
      `8b100000${'00010000'}${'03000000'}${'59ff8be4'}${'00000000'}${'00000000'}`,
    );
  });
});

describe('answers of PICOBOOT', () => {
  test('a status has token and code', () => {
    const bytes = Buffer.from(`04030201${'0a000000'}8400${'00'.repeat(6)}`, 'hex');
    expect(parsePicobootStatus(bytes)).toEqual({ token: 0x0102_0304, code: 10 });
    expect(parsePicobootStatus(bytes.subarray(1))).toBeNull();
  });

  test('a fault has words, an unknown one its number', () => {
    expect(picobootFault({ token: 0, code: 10 })).toContain('must not be read');
    expect(picobootFault({ token: 0, code: 99 })).toContain('63');
  });

  test.each([
    ['03000000ff000000', 'as-addressed'],
    ['0300000001000000', 'partition'],
    ['03000000ffffffff', 'nowhere'],
    ['0300000010000000', null],
    ['02000000ff000000', null],
    ['03000000', null],
  ])('blocks go where %s says: %s', (bytes, target) => {
    expect(parseTarget(Buffer.from(bytes, 'hex'))).toBe(target);
  });
});

test('a chip is known by its ids', () => {
  expect(rp2ChipOf({ vendorId: 0x2e8a, productId: 0x0003 })).toBe('RP2040');
  expect(rp2ChipOf({ vendorId: 0x2e8a, productId: 0x000f })).toBe('RP2350');
  expect(rp2ChipOf({ vendorId: 0x2e8a, productId: 0x000a })).toBeNull();
});
