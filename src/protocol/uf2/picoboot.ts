import { toHex } from '../hex.ts';
import { RP2_ABSOLUTE } from './family-ids.ts';

/**
 * PICOBOOT, the interface that the boot ROM of RP2040 and RP2350 shows beside its drive (RP2040 datasheet §2.8.5, RP2350
 * datasheet §5.6; pico-sdk, boot/picoboot.h). A command of 32 bytes goes to the OUT endpoint, its data follow, and then
 * an empty packet in the other direction says that all went well. After a fault both endpoints are halted, and the
 * status names it. All numbers are little-endian.
 */
export const PICOBOOT = {
  /** Of the interface: vendor-specific, with one bulk endpoint in each direction. */
  interfaceClass: 0xff,
  /** Vendor requests to the interface: forget what was going on; tell the status of the last command. */
  resetRequest: 0x41,
  statusRequest: 0x42,
  statusBytes: 16,
  /** At most this many bytes are read with one command: the ROM needs some 0.1 s for them. */
  readMostBytes: 16_384,
  /** Flash memory is read from multiples of this on. */
  pageBytes: 256,
} as const;

/** Chips whose ROM speaks it, by the ids that they show while it runs. Boards can change those of an RP2350. */
const CHIPS = [
  { chip: 'RP2040', vendorId: 0x2e8a, productId: 0x0003 },
  { chip: 'RP2350', vendorId: 0x2e8a, productId: 0x000f },
] as const;

export type Rp2Chip = (typeof CHIPS)[number]['chip'];

export const RP2_IDS: readonly { readonly vendorId: number; readonly productId: number }[] = CHIPS.map(
  ({ vendorId, productId }) => ({ vendorId, productId }),
);

export function rp2ChipOf(ids: { readonly vendorId: number; readonly productId: number }): Rp2Chip | null {
  const found = CHIPS.find(({ vendorId, productId }) => vendorId === ids.vendorId && productId === ids.productId);
  return found?.chip ?? null;
}

/** Where flash memory begins in the address space of both chips. */
export const RP2_FLASH_START = 0x1000_0000;

export interface PicobootCommand {
  /** The top bit is set if data come in. */
  readonly id: number;
  /** At most 16 bytes. */
  readonly args: Uint8Array;
  /** How many bytes of data come in. */
  readonly transferBytes: number;
}

function command(id: number, words: readonly number[], transferBytes = 0): PicobootCommand {
  const args = new Uint8Array(4 * words.length);
  const view = new DataView(args.buffer);
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word, true);
  return { id, args, transferBytes };
}

/** Makes flash memory readable; changes nothing in it. */
export const EXIT_XIP: PicobootCommand = command(0x06, []);

/** `lengthBytes`: 1 to `PICOBOOT.readMostBytes`. */
export function readFlashCommand(address: number, lengthBytes: number): PicobootCommand {
  return command(0x84, [address, lengthBytes], lengthBytes);
}

const FAMILY = { arm: RP2_ABSOLUTE + 2, riscv: RP2_ABSOLUTE + 3 };

/**
 * A start from flash memory after `delayMs`, as the ROM itself does it when it has counted all blocks of a family (an
 * RP2350 tries a new version then, and chooses its cores).
 */
export function restartCommand(chip: Rp2Chip, familyId: number, delayMs: number): PicobootCommand {
  if (chip === 'RP2040') return command(0x02, [0, 0, delayMs]);
  const cores = familyId === FAMILY.arm ? 0x10 : familyId === FAMILY.riscv ? 0x20 : 0;
  const flashUpdate = 0x04;
  return command(0x0a, [flashUpdate | cores, delayMs, RP2_FLASH_START, 0]);
}

const TARGET_BYTES = 256;

/** RP2350: into which partition blocks of a family go. Uses memory of the chip that a transfer under way needs. */
export function targetCommand(familyId: number): PicobootCommand {
  const ofUf2Target = 3;
  return command(0x8b, [ofUf2Target, familyId, 0, 0], TARGET_BYTES);
}

/** Its answer: at their own addresses, into a partition, or nowhere; `null`: not understood. */
export function parseTarget(bytes: Uint8Array): 'as-addressed' | 'partition' | 'nowhere' | null {
  if (bytes.length < 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 3) return null;
  const index = view.getUint32(4, true);
  if (index === 0xff) return 'as-addressed';
  if (index === 0xffff_ffff) return 'nowhere';
  return index < 16 ? 'partition' : null;
}

/** The packet of a command. The status that belongs to it repeats the token. */
export function encodePicoboot(token: number, { id, args, transferBytes }: PicobootCommand): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x431f_d10b, true);
  view.setUint32(4, token, true);
  view.setUint8(8, id);
  view.setUint8(9, args.length);
  view.setUint32(12, transferBytes, true);
  bytes.set(args, 16);
  return bytes;
}

export interface PicobootStatus {
  readonly token: number;
  readonly code: number;
}

/** `null`: not a status. */
export function parsePicobootStatus(bytes: Uint8Array): PicobootStatus | null {
  if (bytes.length !== PICOBOOT.statusBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { token: view.getUint32(0, true), code: view.getUint32(4, true) };
}

const WORDS: Readonly<Record<number, string>> = {
  1: 'it does not know the command',
  2: 'the command has a wrong length',
  3: 'the length of the data is wrong',
  4: 'there is nothing at this address',
  5: 'the address is not a multiple of 256',
  6: 'another program writes at the same time',
  7: 'it is restarting',
  9: 'its state does not allow that',
  10: 'this part of its flash memory must not be read',
  11: 'an argument is wrong',
  12: 'the answer is longer than asked for',
  13: 'its partitions have not been loaded',
  16: 'there is no such thing',
};

/** Why the device did not obey, as a phrase. */
export function picobootFault({ code }: PicobootStatus): string {
  return WORDS[code] ?? `it reports error ${toHex(code, 2)}`;
}
