import { describe, expect, test } from 'vitest';
import { FAMILIES } from '../../src/protocol/families.ts';
import { createFlashWitness } from '../../src/volume/usb/witness.ts';
import { run, temporaryFile } from '../cli/harness.ts';
import { createUf2Board } from '../fake-volume/families/uf2/board.ts';
import { createBootRom } from '../fake-volume/families/uf2/boot-rom.ts';
import { createSectorWorld } from '../fake-volume/families/world.ts';
import { createMemoryBoard, libraryOf } from '../volume/usb/memory-bus.ts';

const FAMILY = 0xe48bff56;
const PAGES = 96;
const usb = {
  vendorId: 0x2e8a,
  productId: 0x0003,
  bcdDevice: 0x0100,
  serial: 'E0C9125B0D9B',
  port: '1-2',
  revision: null,
};

const application = (seed: number): Uint8Array =>
  Uint8Array.from({ length: PAGES * 256 }, (_, index) => (index * 31 + (index >> 8) * 17 + seed * 101) & 0xff);

function uf2File(bytes: Uint8Array): Buffer {
  const file = Buffer.alloc(PAGES * 512);
  for (let number = 0; number < PAGES; number++) {
    const words = [0x0a324655, 0x9e5d5157, 0x2000, 0x10000000 + number * 256, 256, number, PAGES, FAMILY];
    for (const [place, word] of words.entries()) file.writeUInt32LE(word, number * 512 + place * 4);
    file.set(bytes.subarray(number * 256, number * 256 + 256), number * 512 + 32);
    file.writeUInt32LE(0x0ab16f30, number * 512 + 508);
  }
  return file;
}

/** A board in its boot ROM, on a computer whose USB library is `load`. */
function bench(isInstalled = true) {
  const rom = createBootRom({ flashBytes: 128 * 1024 });
  // What the drive shows is another model's, which has no PICOBOOT.
  const { sectors, hasTable, read } = createUf2Board({ model: 'rp2040' });
  const world = createSectorWorld({
    usb,
    sectors,
    hasTable,
    read,
    write(_, sector) {
      rom.takeSector(sector);
      return { leavesInMs: rom.restartsInMs };
    },
    restart: () => false,
  });
  const board = createMemoryBoard(rom, [2]);
  const out = board.device.transferOut;
  Object.assign(board.device, {
    transferOut: async (...args: Parameters<typeof out>) => {
      const before = rom.restartsInMs;
      const transfer = await out(...args);
      if (before === null && rom.restartsInMs !== null) world.clock.later(rom.restartsInMs, () => world.unplug());
      return transfer;
    },
  });
  const load = async () => {
    if (!isInstalled) throw new Error('it is not installed');
    return libraryOf(board);
  };
  const flash = createFlashWitness({ platform: 'linux', clock: world.clock, load });
  const environment = { ...world.environment, flash };
  const holds = (seed: number): boolean => Buffer.from(rom.flash.subarray(0, PAGES * 256)).equals(application(seed));
  const update = async (seed: number, ...options: readonly string[]) => {
    const argv = ['update', temporaryFile('new.uf2', uf2File(application(seed))), '--json', ...options];
    const { result, events } = await run(argv, { environment, families: FAMILIES });
    const notices = events.flatMap((event) => (event.event === 'notice' ? [event.code] : []));
    return { code: result?.code, verdict: result?.verdict, notices };
  };
  return { rom, world, holds, update };
}

describe('an RP2040 with PICOBOOT, through the whole engine and command line', () => {
  test('is updated, proven by its flash memory, and leaves: applied', async () => {
    const { update, holds, world } = bench();
    expect(await update(1)).toMatchObject({ code: 'applied', notices: expect.not.arrayContaining(['flash-unseen']) });
    expect([holds(1), world.isThere(), world.records.size]).toEqual([true, false, 0]);
  });

  test('that holds the image already gets nothing written', async () => {
    const { update, rom, world } = bench();
    rom.flash.set(application(1));
    expect((await update(1)).code).toBe('already-current');
    expect([world.written(), rom.restartsInMs]).toEqual([0, null]);
  });

  test('whose flash memory takes no bits is a failure, and stays', async () => {
    const { update, rom, holds, world } = bench();
    rom.deafPages.add(40);
    expect(await update(1)).toMatchObject({ code: 'flash-differs', verdict: 'failed' });
    expect([holds(1), world.isThere(), rom.restartsInMs]).toEqual([false, true, null]);
  });

  test('a dry run reads it, and writes nothing', async () => {
    const { update, world } = bench();
    expect((await update(1, '--dry-run')).code).toBe('would-apply');
    expect(world.written()).toBe(0);
  });

  test('where the library is missing, it is received and no more, and why is said', async () => {
    const { update, holds } = bench(false);
    const { code, verdict, notices } = await update(1);
    expect({ code, verdict, holds: holds(1) }).toEqual({ code: 'received', verdict: 'indeterminate', holds: true });
    expect(notices.filter((each) => each === 'flash-unseen')).toHaveLength(1);
  });
});
