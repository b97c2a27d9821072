import { expect, test } from 'vitest';
import { RP2_ABSOLUTE, UF2_FAMILY_IDS, uf2FamilyOfId, uf2FamilyOfName } from '../../../src/protocol/uf2/family-ids.ts';

test('every id and every name is there once, and found both ways', () => {
  expect(UF2_FAMILY_IDS).toHaveLength(78);
  expect(new Set(UF2_FAMILY_IDS.map(({ id }) => id)).size).toBe(78);
  for (const family of UF2_FAMILY_IDS) {
    expect(uf2FamilyOfId(family.id)).toEqual(family);
    expect(uf2FamilyOfName(family.name)).toEqual(family);
    expect(uf2FamilyOfName(family.name.toLowerCase())).toEqual(family);
    expect(family.description).not.toBe('');
  }
});

test.each([
  ['RP2040', 0xe48bff56],
  ['RP2350_ARM_S', 0xe48bff59],
  ['SAMD21', 0x68ed2b88],
  ['SAMD51', 0x55114460],
  ['NRF52840', 0xada52840],
  ['STM32F4', 0x57755a57],
  ['STM32F407', 0x6d0922fa],
  ['ESP32S2', 0xbfdd4eee],
  ['ESP32S3', 0xc47e5767],
  ['MIMXRT10XX', 0x4fb2d5bd],
  ['RP2XXX_ABSOLUTE', RP2_ABSOLUTE],
])('%s', (name, id) => {
  expect(uf2FamilyOfName(name)).toMatchObject({ id });
});

test('what is not listed is not an error', () => {
  expect(uf2FamilyOfId(0x239a0029)).toBeNull();
  expect(uf2FamilyOfName('TOASTER')).toBeNull();
});
