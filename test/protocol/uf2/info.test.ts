import { describe, expect, test } from 'vitest';
import { uf2KindOfBoard, uf2KindOfCurrent } from '../../../src/protocol/uf2/boards.ts';
import { parseUf2Info } from '../../../src/protocol/uf2/info.ts';

const parse = (text: string) => parseUf2Info(new TextEncoder().encode(text));
const boardOf = (text: string) => {
  const parsed = parse(text);
  if (parsed.kind !== 'intact') throw new Error(parsed.why);
  return parsed.value;
};

/** As the bootloaders write it: line ends, and no end of the last line, are theirs. */
const TINY =
  'TinyUF2 Bootloader 0.18.2\r\nModel: Feather\r\nBoard-ID: STM32F405-Feather\r\nFlash Size: 0x00100000 bytes';
const NRF =
  'UF2 Bootloader 0.9.2\r\nModel: X\r\nBoard-ID: Clone-1\r\nSoftDevice: S140 version 6.1.1\r\nDate: Jan 1 2024\r\n';
const RP2 = 'UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n';

describe('INFO_UF2.TXT', () => {
  test.each([
    [TINY, 'STM32F405-Feather', 'Feather', 'stm32f4'],
    [NRF, 'Clone-1', 'X', 'nrf52'],
    [RP2, 'RPI-RP2', 'Raspberry Pi RP2', 'rp2040'],
  ])('%j', (text, boardId, model, kind) => {
    const board = boardOf(text);
    expect(board).toMatchObject({ boardId, model });
    expect(uf2KindOfBoard(board)?.id).toBe(kind);
  });

  test.each(['', 'hello', 'UF2 Bootloader v3.0\nModel: X\n', 'Board-ID: RPI-RP2\n'])('%j is no such file', (text) => {
    expect(parse(text).kind).toBe('malformed');
  });

  test('a board that the table does not know is known by what it shows', () => {
    expect(uf2KindOfBoard(boardOf(RP2.replace('RPI-RP2', 'Acme-1')))).toBeNull();
    expect(uf2KindOfCurrent({ familyId: 0x57755a57 }).id).toBe('stm32f4');
    expect(uf2KindOfCurrent({ familyId: 0x1234 })).toMatchObject({ id: 'unknown', proof: 'rewritten' });
    expect(uf2KindOfCurrent({ familyId: null })).toMatchObject({ id: 'unknown', proof: 'rewritten' });
    expect(uf2KindOfCurrent(null)).toMatchObject({ id: 'unknown', proof: 'none', sending: 'as-is' });
  });
});
