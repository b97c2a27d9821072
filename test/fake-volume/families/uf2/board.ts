import { type Bootloader, ghostFatBootloader, romBootloader } from './bootloader.ts';
import { type ChipOptions, cellFlash, pageFlash, rowFlash } from './flash.ts';
import { ghostFat } from './ghost-fat.ts';

export type Uf2BoardModel = 'stm32f4' | 'esp32s2' | 'nrf52' | 'max32690' | 'samd21' | 'rp2040' | 'imxrt' | 'custom';

interface Model {
  readonly boardId: string;
  readonly familyId: number;
  readonly base: number;
  readonly first: string;
}

/** INFO_UF2.TXT as the bootloaders write it. */
const MODELS: Readonly<Record<Uf2BoardModel, Model>> = {
  stm32f4: { boardId: 'STM32F405-Feather', familyId: 0x57755a57, base: 0x08010000, first: 'TinyUF2 Bootloader 0.18.2' },
  esp32s2: { boardId: 'ESP32S2-Saola1R-v1.2', familyId: 0xbfdd4eee, base: 0, first: 'TinyUF2 Bootloader 0.18.2' },
  nrf52: { boardId: 'nRF52840-Feather-revD', familyId: 0xada52840, base: 0x26000, first: 'UF2 Bootloader 0.9.2' },
  max32690: { boardId: 'MAX32690-EVKit', familyId: 0x7410520a, base: 0x10010000, first: 'TinyUF2 Bootloader 0.18.2' },
  samd21: {
    boardId: 'SAMD21G18A-Feather-v0',
    familyId: 0x68ed2b88,
    base: 0x2000,
    first: 'UF2 Bootloader v3.16.0 SFHWRO',
  },
  rp2040: { boardId: 'RPI-RP2', familyId: 0xe48bff56, base: 0x10000000, first: 'UF2 Bootloader v3.0' },
  imxrt: { boardId: 'MIMXRT1011-EVK', familyId: 0x4fb2d5bd, base: 0x60000000, first: 'TinyUF2 Bootloader 0.18.2' },
  custom: { boardId: 'Acme-Widget-r1', familyId: 0x12345678, base: 0x4000, first: 'TinyUF2 Bootloader 0.18.2' },
};

export interface Uf2BoardOptions {
  readonly model: Uf2BoardModel;
  readonly flashBytes?: number;
  readonly faulty?: ReadonlySet<number>;
  readonly isCutInFlush?: boolean;
  /** Takes blocks of another family than it says. */
  readonly takesFamilyId?: number;
}

export interface FakeUf2Board extends Model {
  readonly sectors: number;
  readonly hasTable: boolean;
  /** The flash memory, from `base` on. */
  readonly cells: Uint8Array;
  readonly bootloader: Bootloader;
  read(lba: number): Uint8Array;
}

function currentBlock(model: Model, bytes: Uint8Array, index: number, blocks: number): Uint8Array {
  const sector = new Uint8Array(512);
  const view = new DataView(sector.buffer);
  // uf2-samdx1 names no family.
  const flags = model.boardId.startsWith('SAMD') ? 0 : 0x2000;
  const words = [0x0a324655, 0x9e5d5157, flags, model.base + index * 256, 256, index, blocks, model.familyId];
  for (const [place, word] of words.entries()) view.setUint32(place * 4, word, true);
  view.setUint32(508, 0x0ab16f30, true);
  sector.set(bytes, 32);
  return sector;
}

export function createUf2Board(options: Uf2BoardOptions): FakeUf2Board {
  const { model: name, flashBytes = 256 * 1024, faulty = new Set(), isCutInFlush = false } = options;
  const model = MODELS[name];
  const cells = new Uint8Array(flashBytes).fill(0xff);
  const chip: ChipOptions = { base: model.base, cells, faulty, isCutInFlush };
  const flash = {
    stm32f4: () => cellFlash(chip),
    esp32s2: () => pageFlash(chip, 64 * 1024),
    nrf52: () => pageFlash(chip, 4096),
    max32690: () => pageFlash(chip, 16 * 1024, true),
    samd21: () => rowFlash(chip),
    rp2040: () => cellFlash(chip),
    imxrt: () => pageFlash(chip, 4096),
    // Nobody knows it: here it is the worst of them.
    custom: () => pageFlash(chip, 4096, true),
  }[name]();
  const familyId = options.takesFamilyId ?? model.familyId;
  const common = { familyId, flash, base: model.base, sizeBytes: flashBytes };
  const isRom = name === 'rp2040';
  const bootloader = isRom ? romBootloader(common, chip) : ghostFatBootloader(common, name === 'samd21');
  const end = isRom ? '\n' : '\r\n';
  const soft = name === 'nrf52' ? `${end}SoftDevice: S140 version 6.1.1` : '';
  const size = isRom || name === 'nrf52' ? end : `${end}Flash Size: 0x00100000 bytes`;
  const info = new TextEncoder().encode(
    `${model.first}${end}Model: A board${end}Board-ID: ${model.boardId}${soft}${size}`,
  );
  const blocks = flashBytes / 256;
  const current = {
    name: 'CURRENT UF2',
    sizeBytes: flashBytes * 2,
    read: (index: number) =>
      name === 'imxrt'
        ? new Uint8Array(512)
        : currentBlock(model, flash.read(model.base + index * 256, 256), index, blocks),
  };
  const infoFile = { name: 'INFO_UF2TXT', sizeBytes: info.length, read: () => info };
  const fat = ghostFat(isRom ? [infoFile] : [infoFile, current], {
    sectors: 16 * 1024,
    hasTable: isRom,
    label: isRom ? 'RPI-RP2' : 'UF2BOOT',
  });
  return { ...model, cells, bootloader, hasTable: isRom, sectors: fat.sectors, read: fat.read };
}
