import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemoryMap } from '../../../src/protocol/firmware/memory-map.ts';
import type { DeviceStep, StepResult } from '../../../src/protocol/steps.ts';
import { programRp2, type Rp2Image, surveyRp2 } from '../../../src/protocol/uf2/rp2.ts';
import { type BootRom, type BootRomOptions, createBootRom } from '../../fake-volume/families/uf2/boot-rom.ts';

const RP2040 = 0xe48bff56;
const START = 0x1000_0000;
const DONE: StepResult = { kind: 'done', bytes: new Uint8Array() };

/** Bytes that differ from page to page. */
const bytesOf = (pages: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length: pages * 256 }, (_, index) => (index * 7 + (index >> 8) * 3 + seed) & 0xff);

const imageOf = (...ranges: MemoryMap): Rp2Image => ({ familyId: RP2040, map: ranges });
const firmware = (pages = 40, seed = 0): Rp2Image => imageOf({ address: START, bytes: bytesOf(pages, seed) });

interface Board {
  readonly rom: BootRom;
  /** Names that the system shows, with how much was written. */
  readonly files: Map<string, number>;
  /** Steps, without progress. */
  readonly done: string[];
  answer(step: DeviceStep): StepResult;
}

function createBoard(options?: BootRomOptions, before: (step: DeviceStep) => StepResult | null = () => null): Board {
  const rom = createBootRom(options);
  const files = new Map<string, number>();
  const done: string[] = [];
  return {
    rom,
    files,
    done,
    answer(step) {
      if (step.do !== 'progress') done.push(step.do);
      const answered = before(step);
      if (answered !== null) return answered;
      if (step.do === 'read') return files.has(step.path) ? DONE : { kind: 'absent' };
      if (step.do === 'read-flash') {
        const bytes = rom.readFlash(step.address, step.lengthBytes);
        return bytes === null ? { kind: 'failed', why: 'not permitted' } : { kind: 'done', bytes };
      }
      if (step.do === 'write') {
        files.set(step.path, step.bytes.length);
        for (let at = 0; at < step.bytes.length; at += 512) rom.takeSector(step.bytes.subarray(at, at + 512));
      }
      return DONE;
    },
  };
}

function run<T>(steps: Generator<DeviceStep, T, StepResult>, { answer }: Board): T {
  let next = steps.next(DONE);
  while (!next.done) next = steps.next(answer(next.value));
  return next.value;
}

const holds = ({ flash }: BootRom, { map }: Rp2Image): boolean =>
  map.every(({ address, bytes }) => bytes.every((byte, index) => flash[address - START + index] === byte));

describe('a board whose flash memory is shown beside its drive', () => {
  test.each(['RP2040', 'RP2350'] as const)(
    '%s: is programmed, proven, and stays until it is told to restart',
    (chip) => {
      const board = createBoard({ chip });
      const image = { ...firmware(1_100), familyId: chip === 'RP2040' ? RP2040 : 0xe48bff59 };
      expect(run(surveyRp2(image), board)).toBe('fits');
      expect(run(programRp2(image), board)).toEqual({ trigger: 'reboot' });
      expect(holds(board.rom, image)).toBe(true);
      expect(board.rom.restartsInMs).toBeNull();
      expect(run(surveyRp2(image), board)).toBe('current');
    },
  );

  test('the survey writes nothing', () => {
    const board = createBoard();
    run(surveyRp2(firmware()), board);
    expect(new Set(board.done)).toEqual(new Set(['open-flash', 'read-flash']));
  });

  test('blocks of another image that an earlier run left counted do not stay: they are forgotten first', () => {
    const board = createBoard();
    const [old, next] = [firmware(40, 1), firmware(40, 2)];
    // An earlier run of the same size that ended half-way: the board holds its numbers.
    const first = programRp2(old);
    let step = first.next(DONE);
    while (!step.done && !(step.value.do === 'progress' && step.value.step === 'write')) {
      step = first.next(board.answer(step.value));
    }
    const writes = board.done.filter((each) => each === 'write').length;
    expect(run(programRp2(next), board)).toEqual({ trigger: 'reboot' });
    expect(holds(board.rom, next)).toBe(true);
    // Once is enough.
    expect(board.done.filter((each) => each === 'write').length - writes).toBe(2);
  });

  test('what differs is sent again, and nothing else', () => {
    const board = createBoard();
    const image = firmware(100);
    board.rom.deafPages.add(20);
    const steps = programRp2(image);
    let next = steps.next(DONE);
    const sizes: number[] = [];
    while (!next.done) {
      if (next.value.do === 'write') sizes.push(next.value.bytes.length / 512);
      if (next.value.do === 'read-flash') board.rom.deafPages.clear();
      next = steps.next(board.answer(next.value));
    }
    expect(next.value).toEqual({ trigger: 'reboot' });
    expect(holds(board.rom, image)).toBe(true);
    expect(sizes).toEqual([1, 100, 1, 16]);
  });

  test('flash memory that takes no bits is a failure, and nothing is committed', () => {
    const board = createBoard();
    board.rom.deafPages.add(20);
    expect(run(programRp2(firmware()), board)).toMatchObject({
      code: 'flash-differs',
      detail: expect.stringContaining('10001000'),
    });
    expect(board.rom.restartsInMs).toBeNull();
  });

  test('an error of a write decides nothing: the flash memory does', () => {
    let failed = false;
    const board = createBoard({}, (step) => {
      if (step.do !== 'write' || step.bytes.length === 512 || failed) return null;
      failed = true;
      return { kind: 'failed', why: 'EIO' };
    });
    const image = firmware();
    expect(run(programRp2(image), board)).toEqual({ trigger: 'reboot' });
    expect(holds(board.rom, image)).toBe(true);
  });

  test('names of files that the system still shows are passed over', () => {
    const board = createBoard();
    for (const name of ['SP000.UF2', 'SP001.UF2']) board.files.set(name, 512);
    run(programRp2(firmware()), board);
    expect([...board.files.keys()]).toEqual(['SP000.UF2', 'SP001.UF2', 'SP002.UF2', 'SP003.UF2']);
    expect(board.files.get('SP000.UF2')).toBe(512);
  });
});

describe('nothing is claimed', () => {
  test('where nothing shows the flash memory', () => {
    const board = createBoard({}, (step) => (step.do === 'open-flash' ? { kind: 'absent' } : null));
    expect(run(surveyRp2(firmware()), board)).toBe('unseen');
    expect(run(programRp2(firmware()), board)).toBe('unproven');
    expect(board.done).toEqual(['open-flash', 'open-flash']);
  });

  test('where it must not be read', () => {
    const board = createBoard({ locked: true });
    expect(run(surveyRp2(firmware()), board)).toBe('unseen');
    expect(run(programRp2(firmware()), board)).toBe('unproven');
    expect(board.rom.restartsInMs).toBeNull();
  });

  test('where fewer bytes come than were asked for', () => {
    const few: StepResult = { kind: 'done', bytes: bytesOf(39) };
    const board = createBoard({}, (step) => (step.do === 'read-flash' ? few : null));
    expect(run(surveyRp2(firmware()), board)).toBe('unseen');
    expect(run(programRp2(firmware()), board)).toBe('unproven');
  });

  test.each<[string, MemoryMap]>([
    ['in RAM', [{ address: 0x2000_0000, bytes: bytesOf(1) }]],
    ['beyond all flash memory', [{ address: 0x1200_0000, bytes: bytesOf(1) }]],
    ['that begins within a page', [{ address: START + 4, bytes: bytesOf(1) }]],
    ['that ends within a page', [{ address: START, bytes: bytesOf(1).subarray(4) }]],
    ['with nothing in it', []],
  ])('about an image %s', (_, map) => {
    const board = createBoard();
    expect(run(surveyRp2(imageOf(...map)), board)).toBe('unseen');
    expect(run(programRp2(imageOf(...map)), board)).toBe('unproven');
    expect(board.done).toEqual([]);
  });
});

test('an image with any holes is programmed right, on both chips', () => {
  const pages = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(pages, fc.constantFrom('RP2040' as const, 'RP2350' as const), (numbers, chip) => {
      const map: { address: number; bytes: Uint8Array }[] = [];
      for (const number of numbers.toSorted((one, other) => one - other)) {
        const address = START + number * 256;
        map.push({ address, bytes: bytesOf(1, number) });
      }
      const board = createBoard({ chip });
      board.rom.flash.fill(0);
      const image = { familyId: chip === 'RP2040' ? RP2040 : 0xe48bff5a, map };
      expect(run(programRp2(image), board)).toEqual({ trigger: 'reboot' });
      expect(holds(board.rom, image)).toBe(true);
      expect(board.rom.restartsInMs).toBeNull();
    }),
    { numRuns: 25 },
  );
});
