import type { Uf2Info } from './info.ts';

/**
 * What is known about the bootloaders of one kind of chip. `proof`: what CURRENT.UF2 shows.
 * `cells`: the flash memory itself, as it is written. `pages`: the flash memory, once a page that is kept in RAM was
 * pushed out by another. `rewritten`: the same, but a page is written once more when the board leaves. `none`: nothing.
 */
export interface Uf2BoardKind {
  readonly id: string;
  readonly boardId: RegExp | null;
  /** Accepted ids of images; empty: not known. */
  readonly familyIds: readonly number[];
  readonly proof: 'cells' | 'pages' | 'rewritten' | 'none';
  /** Of the page that is kept in RAM. */
  readonly pageBytes: number;
  /**
   * How blocks are sent before the commit. `uncounted`: with a count of 0, which is written and not counted. `one-more`:
   * as part of one block more than there are, because after a count of 0 the board leaves by itself. `as-is`: the file
   * as it is, because the board does not write what it does not count.
   */
  readonly sending: 'uncounted' | 'one-more' | 'as-is';
  /** Whether block 0 may be written empty first, so that a torn application cannot start. */
  readonly canDisarm: boolean;
  /** Whether it writes sectors by the number of a block, so that numbers and addresses have to run in step. */
  readonly erasesByNumber: boolean;
  /**
   * Whether the commit marks the application as the one to start, in a place that CURRENT.UF2 does not show: a board that
   * holds an image may never have been told to start it.
   */
  readonly commitMarks: boolean;
}

const PAGE = 64 * 1024;
const CELLS = {
  proof: 'cells',
  pageBytes: 256,
  sending: 'uncounted',
  canDisarm: true,
  erasesByNumber: false,
  commitMarks: false,
} as const;
const PAGES = { ...CELLS, proof: 'pages', pageBytes: PAGE } as const;
const MARKED = { ...PAGES, commitMarks: true } as const;
const HELD = { ...CELLS, canDisarm: false } as const;
const REWRITTEN = { ...PAGES, proof: 'rewritten' } as const;
const UNREAD = { ...PAGES, proof: 'none' } as const;
const ROM = { ...UNREAD, sending: 'as-is' } as const;
const ONE_MORE = { ...CELLS, sending: 'one-more' } as const;

/**
 * From the sources of the bootloaders: adafruit/tinyuf2 (ports), adafruit/Adafruit_nRF52_Bootloader,
 * microsoft/uf2-samdx1, raspberrypi/pico-bootrom-rp2040 and -rp2350. What was run and what was only read:
 * docs/families.md.
 */
// biome-ignore format: a table is read row by row, one line each
const KINDS: readonly Uf2BoardKind[] = [
  { id: 'rp2040', boardId: /^RPI-RP2$/i, familyIds: [0xe48bff56], ...ROM, erasesByNumber: true },
  { id: 'rp2350', boardId: /^RP2350$/i, familyIds: [0xe48bff59, 0xe48bff5a, 0xe48bff57, 0xe48bff58, 0xe48bff5b], ...ROM },
  { id: 'nrf52', boardId: /^nRF52/i, familyIds: [0xada52840, 0x621e937a, 0x6f752678, 0x72721d4e, 0x820d9a5f, 0x1b57745f], ...MARKED, pageBytes: 4096 },
  { id: 'samd21', boardId: /^SAMD21/i, familyIds: [0x68ed2b88], ...ONE_MORE },
  { id: 'samd51', boardId: /^SAM[DE]5/i, familyIds: [0x55114460], ...ONE_MORE },
  { id: 'esp32s2', boardId: /^ESP32S2/i, familyIds: [0xbfdd4eee], ...MARKED },
  { id: 'esp32s3', boardId: /^ESP32S3/i, familyIds: [0xc47e5767], ...MARKED },
  { id: 'stm32f3', boardId: /^STM32F3/i, familyIds: [0x6b846188], ...CELLS },
  { id: 'stm32f4', boardId: /^STM32F4/i, familyIds: [0x57755a57], ...CELLS },
  { id: 'stm32l4', boardId: /^STM32L4/i, familyIds: [0x00ff6919], ...HELD },
  { id: 'stm32h5', boardId: /^STM32H5/i, familyIds: [0x4e8f1c5d], ...HELD },
  { id: 'stm32h7', boardId: /^STM32H7/i, familyIds: [0x6db66082], ...UNREAD },
  { id: 'ch32v', boardId: /^CH32V/i, familyIds: [0x699b62ec], ...CELLS },
  { id: 'kinetis', boardId: /^(K32L2|KL32L2)/i, familyIds: [0x7f83e793], ...PAGES },
  { id: 'lpc55', boardId: /^LPC55/i, familyIds: [0x2abc77ec], ...PAGES },
  { id: 'max32650', boardId: /^MAX32650/i, familyIds: [0xd63f8632], ...REWRITTEN },
  { id: 'max32666', boardId: /^MAX32666/i, familyIds: [0xf0c30d71], ...REWRITTEN },
  { id: 'max32690', boardId: /^MAX32690/i, familyIds: [0x7410520a], ...REWRITTEN },
  { id: 'max78002', boardId: /^MAX78002/i, familyIds: [0x91d3fd18], ...REWRITTEN },
  { id: 'imxrt', boardId: /^(MIMXRT|IMXRT)/i, familyIds: [0x4fb2d5bd], ...UNREAD },
];

/**
 * A board that the table does not know, and whose flash memory can be read: written as all of the others can be, and
 * taken for the one that proves least.
 */
const UNKNOWN: Uf2BoardKind = {
  id: 'unknown',
  boardId: null,
  familyIds: [],
  ...REWRITTEN,
  canDisarm: false,
  commitMarks: true,
};
/** The same where it cannot be read: nothing is known, so the file goes there as it is. */
const UNKNOWN_UNREAD: Uf2BoardKind = { ...UNKNOWN, proof: 'none', sending: 'as-is' };

/** What the table says about a board by what it says itself; `null`: nothing. */
export function uf2KindOfBoard({ boardId, hasSoftDeviceLine }: Uf2Info): Uf2BoardKind | null {
  const named = KINDS.find((kind) => kind.boardId?.test(boardId));
  return named ?? (hasSoftDeviceLine ? (KINDS.find(({ id }) => id === 'nrf52') ?? null) : null);
}

/**
 * The same where the table does not know the board. `current`: what CURRENT.UF2 says, `null`: it shows nothing. Boards
 * may have a family id of their own, which is known to nobody else.
 */
export function uf2KindOfCurrent(current: { readonly familyId: number | null } | null): Uf2BoardKind {
  if (current === null) return UNKNOWN_UNREAD;
  const { familyId } = current;
  return KINDS.find(({ familyIds }) => familyId !== null && familyIds.includes(familyId)) ?? UNKNOWN;
}
