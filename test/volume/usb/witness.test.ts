import { describe, expect, test } from 'vitest';
import type { FlashOpened } from '../../../src/volume/flash.ts';
import { loadUsbLibrary, type UsbLibrary } from '../../../src/volume/usb/library.ts';
import { createFlashWitness } from '../../../src/volume/usb/witness.ts';
import { type BootRomOptions, createBootRom } from '../../fake-volume/families/uf2/boot-rom.ts';
import { createVirtualClock } from '../../fake-volume/memory/virtual-clock.ts';
import { createMemoryBoard, driveAt, libraryOf, type MemoryBoard } from './memory-bus.ts';

const [RP2040, ARM] = [0xe48bff56, 0xe48bff59];
const START = 0x1000_0000;

const witness = (library: UsbLibrary, platform: NodeJS.Platform = 'linux') =>
  createFlashWitness({ platform, clock: createVirtualClock(), load: async () => library });

function boardWith(options: BootRomOptions = {}, ports = [2, 3], change: Parameters<typeof createMemoryBoard>[2] = {}) {
  const rom = createBootRom({ flashBytes: 128 * 1024, ...options });
  for (let index = 0; index < rom.flash.length; index += 1) rom.flash[index] = (index * 31 + (index >> 8)) & 0xff;
  return { rom, ...createMemoryBoard(rom, ports, change) };
}

function openOf(opened: FlashOpened) {
  if (opened.kind !== 'open') throw new Error(`expected it open, found ${opened.why}`);
  return opened.flash;
}

async function why(board: MemoryBoard, drive = driveAt('1-2.3'), space = RP2040, platform: NodeJS.Platform = 'linux') {
  const opened = await witness(libraryOf(board), platform).open(drive, space);
  return opened.kind === 'open' ? opened : { ...opened, calls: board.calls };
}

describe('the PICOBOOT interface of a board', () => {
  test.each(['RP2040', 'RP2350'] as const)('%s: reads flash memory at any address, in any length', async (chip) => {
    const board = boardWith({ chip });
    const drive = driveAt('1-2.3', chip === 'RP2040' ? 0x0003 : 0x000f);
    const flash = openOf(await witness(libraryOf(board)).open(drive, chip === 'RP2040' ? RP2040 : ARM));
    for (const [from, length] of [
      [0, 256],
      [0x100, 70_000],
      [0x305, 1],
      [0x10fe, 40_000],
    ] as const) {
      const bytes = await flash.read(START + from, length);
      expect(Buffer.compare(bytes, board.rom.flash.subarray(from, from + length))).toBe(0);
    }
    expect(board.calls).toEqual(['open', 'claim 1']);
    await flash.close();
    expect(board.calls.at(-1)).toBe('close');
  });

  test('only looks, until it is told to restart the board', async () => {
    const board = boardWith();
    const before = board.rom.flash.slice();
    const flash = openOf(await witness(libraryOf(board)).open(driveAt('1-2.3'), RP2040));
    await flash.read(START, 20_000);
    expect([...new Set(board.picoboot.heard)]).toEqual([0x06, 0x84]);
    expect(board.rom.restartsInMs).toBeNull();
    await flash.reboot();
    expect(board.rom.restartsInMs).toBe(1_000);
    expect(Buffer.compare(board.rom.flash, before)).toBe(0);
  });

  test('only to see whether it could be opened, nothing is asked of the board', async () => {
    const board = boardWith();
    const flash = openOf(await witness(libraryOf(board)).open(driveAt('1-2.3'), null));
    await flash.close();
    expect(board.picoboot.heard).toEqual([]);
    expect(board.calls).toEqual(['open', 'claim 1', 'close']);
  });

  test('an RP2350 restarts by its own command', async () => {
    const board = boardWith({ chip: 'RP2350' });
    const flash = openOf(await witness(libraryOf(board)).open(driveAt('1-2.3', 0x000f), ARM));
    await flash.reboot();
    expect(board.picoboot.heard.at(-1)).toBe(0x0a);
    expect(board.rom.restartsInMs).toBe(1_000);
  });

  test('what another program left half-done is forgotten first', async () => {
    const board = boardWith();
    board.picoboot.out(new Uint8Array(3));
    openOf(await witness(libraryOf(board)).open(driveAt('1-2.3'), RP2040));
  });

  test('a transfer that fails once is made again', async () => {
    let left = 1;
    const board = boardWith();
    const transferIn = board.device.transferIn;
    Object.assign(board.device, {
      transferIn: async (endpoint: number, lengthBytes: number, limitMs: number) => {
        if (lengthBytes > 64 && left-- > 0) return { status: 'stall' };
        return transferIn(endpoint, lengthBytes, limitMs);
      },
    });
    const flash = openOf(await witness(libraryOf(board)).open(driveAt('1-2.3'), RP2040));
    expect(await flash.read(START, 512)).toEqual(board.rom.flash.slice(0, 512));
  });

  test('what the board forbids is told in its words', async () => {
    const board = boardWith({ locked: true });
    const flash = openOf(await witness(libraryOf(board)).open(driveAt('1-2.3'), RP2040));
    await expect(flash.read(START, 256)).rejects.toMatchObject({
      code: 'volume-io',
      message: expect.stringContaining('must not be read'),
    });
  });

  test('a board that does not answer is given up', async () => {
    const board = boardWith();
    const flash = openOf(await witness(libraryOf(board)).open(driveAt('1-2.3'), RP2040));
    Object.assign(board.device, { transferOut: () => new Promise(() => undefined) });
    await expect(flash.read(START, 256)).rejects.toMatchObject({ code: 'volume-stalled' });
  });
});

describe('never another board', () => {
  test('of two alike, the one at the port of the drive', async () => {
    const [one, other] = [boardWith({}, [2, 3]), boardWith({}, [2, 4])];
    openOf(await witness(libraryOf(one, other)).open(driveAt('1-2.4'), RP2040));
    expect([one.calls, other.calls]).toEqual([[], ['open', 'claim 1']]);
  });

  test.each<[string, string | null, NodeJS.Platform]>([
    ['at another port', '1-2', 'linux'],
    ['on another bus', '2-2.3', 'linux'],
    ['where the port is not known', null, 'linux'],
    ['where ports cannot be compared', 'Port_#0002.Hub_#0001', 'win32'],
  ])('%s: none is opened', async (_, port, platform) => {
    const found = await why(boardWith(), driveAt(port), RP2040, platform);
    expect(found).toMatchObject({ kind: 'none', why: expect.stringContaining('not known'), calls: [] });
  });

  test('on macOS a location id is the port', async () => {
    const board = boardWith({}, [2, 3], { bus: '14' });
    openOf(await witness(libraryOf(board), 'darwin').open(driveAt('14230000'), RP2040));
    const found = await why(boardWith({}, [2], { bus: '14' }), driveAt('14230000'), RP2040, 'darwin');
    expect(found).toMatchObject({ kind: 'none', calls: [] });
  });

  test('a drive of something else is not asked for, and nothing is said', async () => {
    const found = await why(boardWith(), driveAt('1-2.3', 0x0005));
    expect(found).toEqual({ kind: 'none', why: null, remedy: '', calls: [] });
  });
});

describe('what is not to be had is told', () => {
  test('access is denied: the rule that allows it', async () => {
    const open = async (): Promise<never> => {
      throw new Error('open error: failed to open device: Permission denied (errno 13)');
    };
    expect(await why(boardWith({}, [2, 3], { open }))).toMatchObject({
      kind: 'none',
      remedy: expect.stringContaining('TAG+="uaccess"'),
    });
  });

  test('the interface belongs to another program: the device is let go', async () => {
    const claimInterface = async (): Promise<never> => {
      throw new Error('claimInterface error: interface is busy');
    };
    const found = await why(boardWith({}, [2, 3], { claimInterface }));
    expect(found).toMatchObject({ kind: 'none', why: expect.stringContaining('busy'), calls: ['open', 'close'] });
  });

  test('a board without the interface', async () => {
    const found = await why(boardWith({}, [2, 3], { configuration: { interfaces: [] } }));
    expect(found).toMatchObject({ kind: 'none', why: expect.stringContaining('PICOBOOT'), calls: ['open', 'close'] });
  });

  test('an RP2350 that puts the firmware into a partition', async () => {
    const found = await why(boardWith({ chip: 'RP2350', partition: 1 }), driveAt('1-2.3', 0x000f), ARM);
    expect(found).toMatchObject({ kind: 'none', why: expect.stringContaining('partition') });
    expect((found as { calls: readonly string[] }).calls.at(-1)).toBe('close');
  });

  test('the library is missing, or has nothing for this computer', async () => {
    const load = async (): Promise<never> => {
      throw new Error('Cannot find native binding.');
    };
    const opened = await createFlashWitness({ platform: 'linux', clock: createVirtualClock(), load }).open(
      driveAt('1-2.3'),
      RP2040,
    );
    expect(opened).toMatchObject({ kind: 'none', why: expect.stringContaining('Cannot find native binding.') });
    await expect(loadUsbLibrary(async () => ({ usb: {} }))).rejects.toThrow('getDevices');
  });
});

test('the real library has the functions that we use', async (context) => {
  const library: unknown = await loadUsbLibrary().catch(() => null);
  if (library === null) return context.skip('it is optional, and not installed here');
  const native = (await import('usb/index.js' as string)) as { readonly default: { readonly UsbDevice: object } };
  const { prototype } = native.default.UsbDevice as { readonly prototype: object };
  const { device } = createMemoryBoard(createBootRom({ flashBytes: 4_096 }), [1]);
  const functions = Object.entries(device).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(functions.filter((name) => !(name in prototype))).toEqual([]);
});
