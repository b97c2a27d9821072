import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FAMILIES } from '../../src/protocol/families.ts';
import { uf2 } from '../../src/protocol/uf2/family.ts';
import { run, temporaryFile } from '../cli/harness.ts';
import {
  createUf2Board,
  type FakeUf2Board,
  type Uf2BoardModel,
  type Uf2BoardOptions,
} from '../fake-volume/families/uf2/board.ts';
import { createSectorWorld, type SectorWorld, type SectorWorldOptions } from '../fake-volume/families/world.ts';

const families = FAMILIES.includes(uf2) ? FAMILIES : [...FAMILIES, uf2];
const PAGES = 640;
const usb = { vendorId: 0x239a, productId: 0x0029, bcdDevice: 0x0100, serial: 'B1', port: '1-2', revision: null };

/** Bytes of an application; `seed` makes another one. */
function application(seed = 1, pages = PAGES): Uint8Array {
  return new Uint8Array(pages * 256).map((_, index) => (index * 31 + (index >> 8) * 17 + seed * 101) & 0xff);
}

/** Written here, so that no mistake of the host's own writer hides. */
function uf2File(bytes: Uint8Array, base: number, familyId: number): Buffer {
  const count = bytes.length / 256;
  const file = Buffer.alloc(count * 512);
  for (let number = 0; number < count; number++) {
    const words = [0x0a324655, 0x9e5d5157, 0x2000, base + number * 256, 256, number, count, familyId];
    for (const [place, word] of words.entries()) file.writeUInt32LE(word, number * 512 + place * 4);
    file.set(bytes.subarray(number * 256, number * 256 + 256), number * 512 + 32);
    file.writeUInt32LE(0x0ab16f30, number * 512 + 508);
  }
  return file;
}

interface Bench {
  readonly world: SectorWorld;
  readonly board: FakeUf2Board;
  readonly holds: (bytes: Uint8Array) => boolean;
}

function bench(options: Uf2BoardOptions, world: SectorWorldOptions = {}): Bench {
  const board = createUf2Board(options);
  board.cells.set(application(0).subarray(0, board.cells.length));
  const device = {
    usb,
    sectors: board.sectors,
    hasTable: board.hasTable,
    read: board.read,
    write: (_: number, sector: Uint8Array) => board.bootloader.take(sector),
    restart(): boolean {
      board.bootloader.restart();
      return false;
    },
  };
  const holds = (bytes: Uint8Array): boolean => Buffer.from(board.cells.subarray(0, bytes.length)).equals(bytes);
  return { board, holds, world: createSectorWorld(device, world) };
}

async function update(
  { world, board }: Bench,
  bytes = application(),
  options: readonly string[] = [],
  familyId = board.familyId,
) {
  const path = temporaryFile('new.uf2', uf2File(bytes, board.base, familyId));
  const ran = await run(['update', path, '--json', ...options], { environment: world.environment, families });
  const { code, verdict, exit } = ran.result ?? {};
  return { ...ran, code, verdict, exit };
}

const READABLE: readonly Uf2BoardModel[] = ['stm32f4', 'esp32s2', 'nrf52', 'samd21'];
/** The second one is in no table: it may be like the first one. */
const REWRITTEN: readonly Uf2BoardModel[] = ['max32690', 'custom'];
const BLIND: readonly Uf2BoardModel[] = ['rp2040', 'imxrt'];
/** What CURRENT.UF2 shows does not say whether they start it. */
const MARKED: readonly Uf2BoardModel[] = ['nrf52', 'esp32s2', 'custom'];
const ALL: readonly Uf2BoardModel[] = [...READABLE, ...REWRITTEN, ...BLIND];

/** The verdict says nothing that the flash memory contradicts. */
function requireTrue({ holds }: Bench, verdict: string | undefined, bytes = application()): void {
  if (verdict === 'applied' || verdict === 'unchanged') expect(holds(bytes)).toBe(true);
  if (verdict === 'failed' || verdict === 'rejected') expect(holds(bytes)).toBe(false);
}

describe('a good image', () => {
  test.each(READABLE)('%s: is proven, and the board leaves: applied', async (model) => {
    const it = bench({ model });
    const { code, exit, stderr } = await update(it);
    expect([code, exit]).toEqual(['applied', 0]);
    expect(stderr).toContain('applied B1: The flash memory holds the new firmware, and the board left to start it.\n');
    expect([it.holds(application()), it.world.isThere(), it.world.records.size]).toEqual([true, false, 0]);
  });

  test('esp32s2: what is only in RAM is pushed out, and not sent again', async () => {
    const it = bench({ model: 'esp32s2' });
    await update(it);
    // All pages, two copies, the first page and two copies, the commit.
    expect(it.world.written()).toBe(PAGES + 2 + 3 + 1);
  });

  test.each(REWRITTEN)('%s: rewrites a page as it leaves, or may: not proven', async (model) => {
    const it = bench({ model });
    expect((await update(it)).code).toBe('rewritten-last');
    expect(it.holds(application())).toBe(true);
  });

  test.each(BLIND)('%s: received, and nothing was read', async (model) => {
    const it = bench({ model });
    expect(await update(it)).toMatchObject({ code: 'received', exit: 9 });
    expect([it.holds(application()), it.world.isThere()]).toEqual([true, false]);
  });

  test.each(['stm32f4', 'samd21', 'max32690'] as const)('%s: is known to be there before a byte', async (model) => {
    const it = bench({ model });
    it.board.cells.set(application());
    expect(await update(it)).toMatchObject({ code: 'already-current', exit: 0 });
    expect(it.world.written()).toBe(0);
  });

  test.each(MARKED)(
    '%s: holds it, but a run elsewhere may not have committed it: that alone is sent again',
    async (model) => {
      const it = bench({ model });
      it.board.cells.set(application());
      expect((await update(it, application(), ['--dry-run'])).code).toBe('would-apply');
      expect(it.world.written()).toBe(0);
      // Two files of copies, which push a page of something else out of the board's memory, and the block that commits.
      expect((await update(it)).code).toBe(model === 'custom' ? 'rewritten-last' : 'applied');
      expect([it.world.written(), it.world.isThere(), it.holds(application())]).toEqual([3, false, true]);
    },
  );

  test('a dry run writes nothing', async () => {
    const it = bench({ model: 'stm32f4' });
    expect((await update(it, application(), ['--dry-run'])).code).toBe('would-apply');
    expect([it.world.written(), it.world.records.size]).toEqual([0, 0]);
  });
});

describe('the words', () => {
  const told = async (it: Bench): Promise<readonly string[]> => {
    const { events } = await update(it);
    return events.flatMap((event) => (event.event === 'notice' ? [event.code] : []));
  };

  test.each(ALL)('%s: nothing is noticed where all is as usual', async (model) => {
    expect(await told(bench({ model }))).toEqual([]);
  });

  test('stm32f4: an error while the board stays is noticed', async () => {
    const it = bench({ model: 'stm32f4' }, { onSector: (count) => (count === PAGES + 2 ? 'error' : null) });
    expect(await told(it)).toEqual(['commit-doubtful']);
  });

  test('imxrt: an error that is not the last one is no proof that all was received', async () => {
    const it = bench({ model: 'imxrt' }, { onSector: (count) => (count === 7 ? 'unplug' : null) });
    expect((await update(it)).code).toBe('left-while-writing');
  });

  test.each(ALL)('%s: nowhere a trigger, and nobody checks a signature', async (model) => {
    for (const onSector of [() => null, (count: number) => (count > PAGES ? ('error' as const) : null)]) {
      const it = bench({ model }, { onSector });
      const path = temporaryFile('new.uf2', uf2File(application(), it.board.base, it.board.familyId));
      const situation = { environment: it.world.environment, families, terminal: 120, answer: 'y' };
      const { stdout, stderr } = await run(['update', path], situation);
      expect(stdout + stderr).not.toMatch(/trigger|check its signature/i);
    }
  });
});

describe('--accept received', () => {
  test.each(BLIND)('%s: received is exit status 0, and still not known', async (model) => {
    const { result, events } = await update(bench({ model }), application(), ['--accept', 'received']);
    const accepted = { verdict: 'indeterminate', code: 'received', exit: 0, accepted: true };
    expect(result).toMatchObject({ ...accepted, devices: [accepted] });
    expect(events.find(({ event }) => event === 'finished')).toMatchObject(accepted);
  });

  test('another end is what it is', async () => {
    const it = bench({ model: 'imxrt' }, { onSector: (count) => (count === 7 ? 'unplug' : null) });
    const { exit, result } = await update(it, application(), ['--accept', 'received']);
    expect([exit, result?.code, result?.accepted]).toEqual([9, 'left-while-writing', undefined]);
  });

  test('another code is not understood, and nothing is written', async () => {
    const it = bench({ model: 'rp2040' });
    expect(await update(it, application(), ['--accept', 'never-left'])).toMatchObject({ code: 'usage', exit: 2 });
    expect(it.world.written()).toBe(0);
  });
});

describe('verify --device', () => {
  const verify = async (it: Bench, bytes = application(), options: readonly string[] = ['--device']) => {
    const path = temporaryFile('new.uf2', uf2File(bytes, it.board.base, it.board.familyId));
    const { result } = await run(['verify', path, '--json', ...options], {
      environment: it.world.environment,
      families,
    });
    expect([it.world.written(), it.world.records.size, it.world.isThere()]).toEqual([0, 0, true]);
    return result;
  };

  test.each([...READABLE, ...REWRITTEN])('%s: holds it', async (model) => {
    const it = bench({ model });
    it.board.cells.set(application());
    expect(await verify(it)).toMatchObject({ verdict: 'unchanged', code: 'flash-holds', exit: 0, device: 'B1' });
    expect(await verify(it, application(), ['--device', 'B1'])).toMatchObject({ code: 'flash-holds' });
    expect(await verify(it, application(), ['--device', 'B2'])).toMatchObject({ exit: 3 });
  });

  test.each([...READABLE, ...REWRITTEN])('%s: holds something else, and where', async (model) => {
    const it = bench({ model });
    it.board.cells.set(application());
    it.board.cells[256 * 3 + 5] = (it.board.cells[256 * 3 + 5] ?? 0) ^ 1;
    it.board.cells[256 * 500] = (it.board.cells[256 * 500] ?? 0) ^ 1;
    const address = (it.board.base + 768).toString(16).toUpperCase().padStart(8, '0');
    const message = expect.stringMatching(new RegExp(`2 of 640 places of 256 bytes, the first at (0x)?${address}`));
    expect(await verify(it)).toMatchObject({ code: 'flash-holds-other', exit: 8, message });
  });

  test.each(BLIND)('%s: cannot be read, and nothing is claimed', async (model) => {
    const it = bench({ model });
    it.board.cells.set(application());
    expect(await verify(it)).toMatchObject({ code: 'flash-unreadable', exit: 9 });
  });

  test('where nothing can be read past the cache, nothing is claimed', async () => {
    expect(await verify(bench({ model: 'stm32f4' }, { isCached: true }))).toMatchObject({ code: 'flash-unreadable' });
  });

  test('esp32s2: an image within one page is compared too', async () => {
    const it = bench({ model: 'esp32s2' });
    it.board.cells.set(application(1, 100));
    expect(await verify(it, application(1, 100))).toMatchObject({ code: 'flash-holds' });
  });

  test('an image for another board is refused, with an update open too', async () => {
    const it = bench({ model: 'stm32f4' }, { onSector: (count) => (count === 9 ? 'unplug' : null) });
    await update(it);
    it.world.plugIn();
    const path = temporaryFile('new.uf2', uf2File(application(), it.board.base, 0x6d0922fa));
    const argv = ['verify', path, '--device', '--json'];
    const { result } = await run(argv, { environment: it.world.environment, families });
    expect(result).toMatchObject({ code: 'image-wrong-device', exit: 5 });
    expect(it.world.records.size).toBe(1);
  });
});

describe('what cannot go there is refused before a byte is written', () => {
  test.each(ALL)('%s: an image for another family', async (model) => {
    const it = bench({ model });
    const { code } = await update(it, application(), [], model === 'stm32f4' ? 0x6d0922fa : 0x57755a57);
    if (model === 'custom') return requireTrue(it, code);
    expect(code).toBe('image-wrong-device');
    expect(it.world.written()).toBe(0);
  });

  test('addresses that the board does not show', async () => {
    const it = bench({ model: 'stm32f4', flashBytes: 128 * 1024 });
    expect((await update(it)).code).toBe('image-too-large');
    expect(it.world.written()).toBe(0);
  });

  test.each(ALL)('%s: a file that is cut off', async (model) => {
    const it = bench({ model });
    const whole = uf2File(application(), it.board.base, it.board.familyId);
    for (const length of [whole.length - 512, whole.length - 100]) {
      const path = temporaryFile('cut.uf2', whole.subarray(0, length));
      const { result } = await run(['update', path, '--json'], { environment: it.world.environment, families });
      expect(result?.exit).toBe(5);
    }
    expect(it.world.written()).toBe(0);
  });

  test.each(ALL)('%s: a read-only volume', async (model) => {
    const it = bench({ model }, { isReadOnly: true });
    expect((await update(it)).code).toBe('volume-read-only');
    expect(it.world.written()).toBe(0);
  });

  test('sectors that the ROM of RP2040 would not erase', async () => {
    const it = bench({ model: 'rp2040' });
    const path = temporaryFile('odd.uf2', uf2File(application(), it.board.base + 256, it.board.familyId));
    const { result } = await run(['update', path, '--json'], { environment: it.world.environment, families });
    expect([result?.code, it.world.written()]).toEqual(['image-structure', 0]);
  });

  test.each([7, 1])('rp2040: numbers that are not in step with the addresses (%d)', async (stride) => {
    const it = bench({ model: 'rp2040' });
    const good = uf2File(application(), it.board.base, it.board.familyId);
    const file = Buffer.concat(
      Array.from({ length: PAGES }, (_, number) => {
        const from = stride === 1 ? (number + 8) % PAGES : (number * stride) % PAGES;
        const block = Buffer.from(good.subarray(from * 512, from * 512 + 512));
        block.writeUInt32LE(number, 20);
        return block;
      }),
    );
    const { environment } = it.world;
    const { result } = await run(['update', temporaryFile('a.uf2', file), '--json'], { environment, families });
    expect([result?.code, it.world.written()]).toEqual(['image-structure', 0]);
  });

  test('rp2040: an order of the blocks in the file that changes nothing is taken', async () => {
    const it = bench({ model: 'rp2040' });
    const good = uf2File(application(), it.board.base, it.board.familyId);
    const blocks = Array.from({ length: PAGES }, (_, at) => good.subarray(at * 512, at * 512 + 512));
    const path = temporaryFile('b.uf2', Buffer.concat(blocks.reverse()));
    const { result } = await run(['update', path, '--json'], { environment: it.world.environment, families });
    expect([result?.code, it.holds(application())]).toEqual(['received', true]);
  });
});

describe('what is listed', () => {
  const listed = async ({ environment }: SectorWorld): Promise<readonly unknown[]> => {
    const { events, result } = await run(['list', '--json'], { environment, families });
    expect(result?.exit).toBe(0);
    return events.flatMap((event) => (event.event === 'device' ? [event] : []));
  };

  test('a board, by its serial and what it says', async () => {
    const { world } = bench({ model: 'rp2040' });
    const info = { model: 'RPI-RP2', mode: 'bootloader', image: null, version: null };
    expect(await listed(world)).toMatchObject([{ device: 'B1', profile: 'uf2', problem: null, info }]);
  });

  test('no stick without the file, mounted or not', async () => {
    const empty = { usb, sectors: 100, hasTable: false, write: () => ({ leavesInMs: null }), restart: () => false };
    const world = createSectorWorld({ ...empty, read: () => new Uint8Array(512) });
    expect(await listed(world)).toEqual([]);
    const [drive] = await world.environment.volumes.list();
    const [volume] = drive?.volumes ?? [];
    if (drive === undefined || !volume?.mount) throw new Error('it is mounted');
    await world.environment.volumes.release({ drive, volume, mount: volume.mount });
    expect(await listed(world)).toEqual([]);
    const { status } = await run(['doctor', '--json'], { environment: world.environment, families });
    expect(status).not.toBe(1);
  });

  test('a board that left in the middle and did not come back is no device, and nothing waits for it', async () => {
    const it = bench({ model: 'nrf52' }, { onSector: (count) => (count === 9 ? 'unplug' : null) });
    expect((await update(it)).code).toBe('left-while-writing');
    expect((await update(it)).code).toBe('no-device');
    expect(it.world.records.size).toBe(1);
  });

  test('answers no ping', async () => {
    const { world } = bench({ model: 'nrf52' });
    const { result } = await run(['ping', '--json'], { environment: world.environment, families });
    expect(result?.code).toBe('usage');
    expect(world.written()).toBe(0);
  });

  test('an image of another format is refused before a byte is written', async () => {
    const { world } = bench({ model: 'nrf52' });
    const path = temporaryFile('new.dfu', new Uint8Array(4096));
    const { result } = await run(['update', path, '--json'], { environment: world.environment, families });
    expect([result?.exit, world.written()]).toEqual([5, 0]);
  });
});

describe('what goes wrong', () => {
  test.each([...READABLE, ...REWRITTEN])(
    '%s: a page does not take it: failed, still in its bootloader',
    async (model) => {
      for (const page of [0, 1, 300, PAGES - 1]) {
        const base = bench({ model }).board.base;
        const it = bench({ model, faulty: new Set([base + page * 256]) });
        const { code, exit } = await update(it);
        expect([model, page, code, exit]).toEqual([model, page, 'flash-differs', 8]);
        expect([it.holds(application()), it.world.records.size]).toEqual([false, 0]);
      }
    },
  );

  test.each(BLIND)('%s: a page does not take it: nothing is claimed', async (model) => {
    const base = bench({ model }).board.base;
    expect((await update(bench({ model, faulty: new Set([base + 25_600]) }))).code).toBe('received');
  });

  test.each(READABLE)('%s: lost blocks are sent again', async (model) => {
    const it = bench({ model }, { onSector: (count) => (count % 37 === 5 && count < PAGES ? 'lose' : null) });
    const { code } = await update(it);
    requireTrue(it, code);
    // Rows and pages can be written again; of a sector that is erased once, the lost ones are still empty.
    expect([model, code]).toEqual([model, 'applied']);
  });

  test.each(['nrf52', 'custom'] as const)('%s: takes another family than it shows: it took nothing', async (model) => {
    const it = bench({ model, takesFamilyId: 0x99999999 });
    expect(await update(it)).toMatchObject({ code: 'nothing-taken', exit: 7 });
    expect(it.holds(application(0))).toBe(true);
  });

  test.each(READABLE)('%s: erased, and no page takes it: failed, since the old firmware is gone', async (model) => {
    const { base } = bench({ model }).board;
    const it = bench({ model, faulty: new Set(Array.from({ length: PAGES }, (_, page) => base + page * 256)) });
    // The cell that is stuck is of no page as it should be.
    const bytes = application().map((byte, at) => (at % 256 === 7 ? 0xff : byte));
    expect(await update(it, bytes)).toMatchObject({ code: 'flash-differs', exit: 8 });
    expect(it.holds(application(0))).toBe(false);
  });

  test.each(ALL)('%s: pulled while it is written, wherever: nothing false, and the next run ends it', async (model) => {
    for (const at of [1, 2, 100, PAGES - 1, PAGES, PAGES + 1, PAGES + 2, PAGES + 3, PAGES + 4, PAGES + 6]) {
      const it = bench({ model }, { onSector: (count) => (count === at ? 'unplug' : null) });
      const { verdict, code } = await update(it);
      requireTrue(it, verdict);
      expect([model, at, code]).toEqual([
        model,
        at,
        expect.stringMatching(/^(left-while-writing|applied|rewritten-last|received)$/),
      ]);
      if (code === 'received' && model === 'rp2040') expect(it.holds(application())).toBe(true);
      if (it.world.written() < at || code !== 'left-while-writing') continue;
      it.world.plugIn();
      const again = await update(it);
      requireTrue(it, again.verdict);
      expect([model, at, again.code]).toEqual([
        model,
        at,
        again.code === 'applied' ? 'applied' : BLIND.includes(model) ? 'received' : 'rewritten-last',
      ]);
      expect(it.holds(application())).toBe(true);
    }
  });

  test.each(['stm32f4', 'samd21'] as const)(
    '%s: torn, no application can start: its first page is empty',
    async (model) => {
      const it = bench({ model }, { onSector: (count) => (count === 300 ? 'unplug' : null) });
      await update(it);
      expect(it.board.cells.subarray(0, 256).every((byte) => byte === 0xff)).toBe(true);
    },
  );

  test.each(ALL)('%s: killed while it is written, on the same mount: the next run ends it', async (model) => {
    for (const at of [2, 300, PAGES, PAGES + 2, PAGES + 6]) {
      const it = bench({ model }, { onSector: (count) => (count === at ? 'kill' : null) });
      void update(it);
      while (it.world.written() < at && it.world.isThere()) await new Promise((resolve) => setImmediate(resolve));
      if (!it.world.isThere()) continue;
      const { code, verdict } = await update(it);
      requireTrue(it, verdict);
      expect([model, at, code]).toEqual([model, at, expect.stringMatching(/^(applied|received|rewritten-last)$/)]);
      expect(it.holds(application())).toBe(true);
    }
  });

  test.each(['nrf52', 'esp32s2', 'samd21', 'custom'] as const)(
    '%s: confused by an earlier copy: it stays, and that is told',
    async (model) => {
      const it = bench({ model });
      const foreign = uf2File(application(7, 64), it.board.base, it.board.familyId);
      for (let at = 0; at < 10; at++) it.board.bootloader.take(foreign.subarray(at * 512, at * 512 + 512));
      const { code, result } = await update(it);
      expect([code, result?.message]).toEqual(['never-left', expect.stringContaining('holds the new firmware')]);
      expect(it.holds(application())).toBe(true);
      it.world.unplug();
      it.world.plugIn();
      expect(await update(it)).toMatchObject({ code: model === 'custom' ? 'rewritten-last' : 'applied' });
    },
  );

  test('stm32f4: cells that an earlier copy had programmed need a reset: failed, then applied', async () => {
    const it = bench({ model: 'stm32f4' });
    const foreign = uf2File(application(7, 64), it.board.base, it.board.familyId);
    for (let at = 0; at < 10; at++) it.board.bootloader.take(foreign.subarray(at * 512, at * 512 + 512));
    expect(await update(it)).toMatchObject({ code: 'flash-differs' });
    it.world.unplug();
    it.world.plugIn();
    expect(await update(it)).toMatchObject({ code: 'applied' });
    expect(it.holds(application())).toBe(true);
  });

  test('rp2040: an image that cannot be read any more when it is needed: nothing was written, and nothing is open', async () => {
    const it = bench({ model: 'rp2040' });
    const path = temporaryFile('new.uf2', uf2File(application(), it.board.base, it.board.familyId));
    const { environment } = it.world;
    const volumes: typeof environment.volumes = {
      ...environment.volumes,
      async freeBytes(volume) {
        rmSync(path);
        return environment.volumes.freeBytes(volume);
      },
    };
    const { result } = await run(['update', path, '--json'], { environment: { ...environment, volumes }, families });
    expect([result?.verdict, it.world.written(), it.world.records.size]).toEqual(['refused', 0, 0]);
  });

  test('rp2040: what an earlier copy had sent is not kept', async () => {
    const it = bench({ model: 'rp2040' });
    const old = uf2File(application(9), it.board.base, it.board.familyId);
    for (let at = 0; at < 200; at++) it.board.bootloader.take(old.subarray(at * 512, at * 512 + 512));
    expect((await update(it)).code).toBe('received');
    expect(it.holds(application())).toBe(true);
  });

  test.each(REWRITTEN)('%s: power goes as it leaves: nothing is claimed', async (model) => {
    const it = bench({ model, isCutInFlush: true });
    expect((await update(it)).code).toBe('rewritten-last');
    expect(it.holds(application())).toBe(false);
  });

  test.each(['stm32f4', 'nrf52', 'esp32s2'] as const)(
    '%s: all is written, and reading it back fails: the next run commits it, and does not take it for installed',
    async (model) => {
      const it = bench({ model });
      const { environment } = it.world;
      const { readPart } = environment.volumes;
      const volumes: typeof environment.volumes = {
        ...environment.volumes,
        async readPart(...of) {
          const part = await readPart(...of);
          return it.holds(application()) ? { ...part, kind: 'cached' } : part;
        },
      };
      const path = temporaryFile('new.uf2', uf2File(application(), it.board.base, it.board.familyId));
      const { result } = await run(['update', path, '--json'], { environment: { ...environment, volumes }, families });
      expect([result?.code, it.world.records.size]).toEqual(['flash-unread', 1]);
      expect([it.holds(application()), it.world.isThere()]).toEqual([true, true]);
      expect(await update(it)).toMatchObject({ code: 'applied' });
      expect([it.world.isThere(), it.world.records.size]).toEqual([false, 0]);
    },
  );

  test.each(['esp32s2', 'nrf52'] as const)(
    '%s: killed before its commit, then another image killed in its first page: neither taken for installed nor spoilt',
    async (model) => {
      let killAt = PAGES + 6;
      const it = bench({ model }, { onSector: (count) => (count === killAt ? 'kill' : null) });
      const killed = async (seed: number): Promise<void> => {
        void update(it, application(seed));
        while (it.world.written() < killAt) await new Promise((resolve) => setImmediate(resolve));
      };
      await killed(1);
      expect(it.holds(application())).toBe(true);
      killAt += 9;
      await killed(5);
      expect(it.holds(application())).toBe(true);
      expect(await update(it)).toMatchObject({ code: 'applied' });
      expect([it.holds(application()), it.world.isThere()]).toEqual([true, false]);
    },
  );

  test('where nothing can be read past the cache, nothing is claimed', async () => {
    const it = bench({ model: 'stm32f4' }, { isCached: true });
    expect((await update(it)).code).toBe('received');
  });

  test('esp32s2: an image within one page of its RAM cannot be proven', async () => {
    const it = bench({ model: 'esp32s2' });
    expect((await update(it, application(1, 100))).code).toBe('received');
  });
});
