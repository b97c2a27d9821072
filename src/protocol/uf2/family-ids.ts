/** A kind of chip or board that UF2 files name by a number. */
export interface Uf2FamilyId {
  readonly id: number;
  /** As in the public list: uf2conv takes it, and so do people. */
  readonly name: string;
  readonly description: string;
}

/** Ids and names as listed in microsoft/uf2, utils/uf2families.json, at 90e9741 (February 2026). */
// biome-ignore format: a table is read row by row, one line each
const ROWS: readonly (readonly [id: number, name: string, description: string])[] = [
  [0xa0c97b8e, 'AT32F415', 'ArteryTek AT32F415'],
  [0x16573617, 'ATMEGA32', 'Microchip ATmega32'],
  [0x7b3ef230, 'BK7231N', 'Beken BK7231N'],
  [0x675a40b0, 'BK7231U', 'Beken BK7231U/7231T'],
  [0x6a82cc42, 'BK7251', 'Beken BK7251/7252'],
  [0xde1270b7, 'BL602', 'Bouffalo Lab BL602'],
  [0x699b62ec, 'CH32V', 'WCH CH32V2xx and CH32V3xx'],
  [0x4f6ace52, 'CSK4', 'LISTENAI CSK300x/400x'],
  [0x6e7348a8, 'CSK6', 'LISTENAI CSK60xx'],
  [0x1c5f21b0, 'ESP32', 'Espressif ESP32'],
  [0x2b88d29c, 'ESP32C2', 'Espressif ESP32-C2'],
  [0xd42ba06c, 'ESP32C3', 'Espressif ESP32-C3'],
  [0xf71c0343, 'ESP32C5', 'Espressif ESP32-C5'],
  [0x540ddf62, 'ESP32C6', 'Espressif ESP32-C6'],
  [0x77d850c4, 'ESP32C61', 'Espressif ESP32-C61'],
  [0x332726f6, 'ESP32H2', 'Espressif ESP32-H2'],
  [0xb6dd00af, 'ESP32H21', 'Espressif ESP32-H21'],
  [0x9e0baa8a, 'ESP32H4', 'Espressif ESP32-H4'],
  [0x3d308e94, 'ESP32P4', 'Espressif ESP32-P4'],
  [0xbfdd4eee, 'ESP32S2', 'Espressif ESP32-S2'],
  [0xc47e5767, 'ESP32S3', 'Espressif ESP32-S3'],
  [0x3101f7c1, 'ESP32S31', 'Espressif ESP32-S31'],
  [0x7eab61ed, 'ESP8266', 'Espressif ESP8266'],
  [0x5a18069b, 'FX2', 'Cypress FX2'],
  [0x31d228c6, 'GD32F350', 'GigaDevice GD32F350'],
  [0x9af03e33, 'GD32VF103', 'GigaDevice GD32VF103'],
  [0x7f83e793, 'KL32L2', 'NXP KL32L2x'],
  [0x2abc77ec, 'LPC55', 'NXP LPC55xx'],
  [0x11de784a, 'M0SENSE', 'Sipeed M0sense (Bouffalo Lab BL702)'],
  [0x4b684d71, 'MaixPlay-U4', 'Sipeed MaixPlay-U4 (Bouffalo Lab BL618)'],
  [0xd63f8632, 'MAX32650', 'Analog Devices MAX32650/1/2'],
  [0xf0c30d71, 'MAX32666', 'Analog Devices MAX32665/6'],
  [0x7410520a, 'MAX32690', 'Analog Devices MAX32690'],
  [0x91d3fd18, 'MAX78002', 'Analog Devices MAX78002'],
  [0x4fb2d5bd, 'MIMXRT10XX', 'NXP i.MX RT10XX'],
  [0x1b57745f, 'NRF52', 'Nordic nRF52'],
  [0x820d9a5f, 'NRF52820', 'Nordic nRF52820_xxAA'],
  [0x72721d4e, 'NRF52832xxAA', 'Nordic nRF52832xxAA'],
  [0x6f752678, 'NRF52832xxAB', 'Nordic nRF52832xxAB'],
  [0x621e937a, 'NRF52833', 'Nordic nRF52833'],
  [0xada52840, 'NRF52840', 'Nordic nRF52840'],
  [0x7d7a66ef, 'PY32F071-UVK5-V3', 'Quansheng UV-K5 V3 radio (Puya PY32F071)'],
  [0x7be8976d, 'RA4M1', 'Renesas RA4M1'],
  [0xe48bff56, 'RP2040', 'Raspberry Pi RP2040'],
  [0xe48bff5b, 'RP2350_ARM_NS', 'Raspberry Pi RP2350, Arm, non-secure'],
  [0xe48bff59, 'RP2350_ARM_S', 'Raspberry Pi RP2350, Arm, secure'],
  [0xe48bff5a, 'RP2350_RISCV', 'Raspberry Pi RP2350, RISC-V'],
  [0xe48bff57, 'RP2XXX_ABSOLUTE', 'Raspberry Pi RP2 chips, flash without partitions'],
  [0xe48bff58, 'RP2XXX_DATA', 'Raspberry Pi RP2 chips, data partition'],
  [0x9fffd543, 'RTL8710A', 'Realtek Ameba1 RTL8710A'],
  [0x22e0d6fc, 'RTL8710B', 'Realtek AmebaZ RTL8710B'],
  [0xe08f7564, 'RTL8720C', 'Realtek AmebaZ2 RTL8720C'],
  [0x3379cfe2, 'RTL8720D', 'Realtek AmebaD RTL8720D'],
  [0x9517422f, 'RZA1LU', 'Renesas RZ/A1LU (R7S7210xx)'],
  [0x68ed2b88, 'SAMD21', 'Microchip SAMD21'],
  [0x55114460, 'SAMD51', 'Microchip SAMD51'],
  [0x1851780a, 'SAML21', 'Microchip SAML21'],
  [0x647824b6, 'STM32F0', 'ST STM32F0xx'],
  [0x5ee21072, 'STM32F1', 'ST STM32F103'],
  [0x5d1a0a2e, 'STM32F2', 'ST STM32F2xx'],
  [0x6b846188, 'STM32F3', 'ST STM32F3xx'],
  [0x57755a57, 'STM32F4', 'ST STM32F4xx'],
  [0x6d0922fa, 'STM32F407', 'ST STM32F407'],
  [0x8fb060fe, 'STM32F407VG', 'ST STM32F407VG'],
  [0x06d1097b, 'STM32F411xC', 'ST STM32F411xC'],
  [0x2dc309c5, 'STM32F411xE', 'ST STM32F411xE'],
  [0x53b80f00, 'STM32F7', 'ST STM32F7xx'],
  [0x300f5633, 'STM32G0', 'ST STM32G0xx'],
  [0x4c71240a, 'STM32G4', 'ST STM32G4xx'],
  [0x4e8f1c5d, 'STM32H5', 'ST STM32H5xx'],
  [0x6db66082, 'STM32H7', 'ST STM32H7xx'],
  [0x202e3a91, 'STM32L0', 'ST STM32L0xx'],
  [0x1e1f432d, 'STM32L1', 'ST STM32L1xx'],
  [0x00ff6919, 'STM32L4', 'ST STM32L4xx'],
  [0x04240bdf, 'STM32L5', 'ST STM32L5xx'],
  [0x70d16653, 'STM32WB', 'ST STM32WBxx'],
  [0x21460ff0, 'STM32WL', 'ST STM32WLxx'],
  [0x51e903a8, 'XR809', 'XradioTech XR809'],
];

/** All known ids, by name. The list is not complete: boards choose ids at random, and need not tell anybody. */
export const UF2_FAMILY_IDS: readonly Uf2FamilyId[] = ROWS.map(([id, name, description]) => ({
  id,
  name,
  description,
}));

/** The chips of Raspberry Pi take blocks of this family without regard to partitions. */
export const RP2_ABSOLUTE = 0xe48bff57;

const BY_ID: ReadonlyMap<number, Uf2FamilyId> = new Map(UF2_FAMILY_IDS.map((family) => [family.id, family]));
const BY_NAME: ReadonlyMap<string, Uf2FamilyId> = new Map(
  UF2_FAMILY_IDS.map((family) => [family.name.toUpperCase(), family]),
);

/** `null`: not in the list, which says nothing against the file. */
export function uf2FamilyOfId(id: number): Uf2FamilyId | null {
  return BY_ID.get(id) ?? null;
}

/** By its short name, in any case. */
export function uf2FamilyOfName(name: string): Uf2FamilyId | null {
  return BY_NAME.get(name.toUpperCase()) ?? null;
}
