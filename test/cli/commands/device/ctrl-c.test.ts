import { EventEmitter } from 'node:events';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TimedEvent } from '../../../../src/cli/talk/events.ts';
import type { UpdateImage } from '../../../../src/protocol/image-facts.ts';
import { fingerprints, imageOf } from '../../../engine/play.ts';
import { createWitness, falsehoods, unaccounted } from '../../../engine/truth.ts';
import {
  buildPayload,
  createMemoryWorld,
  type MemoryDevice,
  type MemoryWorld,
  payloadOf,
  scenarioOf,
} from '../../../fake-volume/index.ts';
import { type Ran, run, temporaryFile } from '../../harness.ts';

const PAYLOAD = buildPayload();
const file = temporaryFile('firmware.dfu', PAYLOAD);
let image: UpdateImage;
beforeAll(async () => {
  image = await imageOf(PAYLOAD);
});

/** Virtual time after which what was said must still be true. */
const LATER_MS = 600_000;

interface Strikes {
  /** Ctrl-C as an event is told. `freeze`: nothing that the run waits for comes any more. */
  readonly onEvent?: (event: TimedEvent, signals: EventEmitter, freeze: () => void) => void;
  /** Ctrl-C so often just before operation `at` of the port. */
  readonly before?: { readonly at: number; readonly times: number };
}

interface Struck extends Ran {
  readonly world: MemoryWorld;
  readonly device: MemoryDevice;
  readonly notices: readonly string[];
  /** Records that are open, when a notice was told and at the end. */
  readonly openAt: Readonly<Record<string, number>>;
  readonly isOpen: boolean;
}

/** An update by the command line, struck by Ctrl-C; whatever it says must be true at once, and when all has settled. */
async function struck({ onEvent, before }: Strikes): Promise<Struck> {
  const signals = new EventEmitter();
  const world = createMemoryWorld({
    onOperation({ number }) {
      if (number !== before?.at) return;
      for (let time = 0; time < before.times; time += 1) signals.emit('SIGINT');
    },
  });
  const [device] = world.devices;
  if (device === undefined) throw new TypeError('a world has a device unless told otherwise');
  const files = fingerprints(device);
  const process = world.start();
  const { environment, hear } = createWitness(world, process);
  const openAt: Record<string, number> = {};
  const ran = await run(['update', file, '--json'], {
    environment,
    signals,
    onEvent(event) {
      if (event.event === 'notice') openAt[event.code] = world.records().length;
      onEvent?.(event, signals, () => process.kill());
    },
  });
  const { result, events } = ran;
  if (result === null || result.verdict === 'mixed') throw new TypeError('expected the result of one device');
  const isOpen = world.records().length > 0;
  const said = hear({ ...result, verdict: result.verdict }, [], device, image.imageHash);
  expect(falsehoods(said), 'false at the verdict').toEqual([]);
  process.kill();
  world.pass(LATER_MS);
  expect(falsehoods(said, true), 'false ten minutes later').toEqual([]);
  expect(unaccounted(world)).toEqual([]);
  expect(fingerprints(device)).toEqual(files);
  const notices = events.flatMap((event) => (event.event === 'notice' ? [event.code] : []));
  return { ...ran, world, device, notices, openAt, isOpen };
}

/** A second run, after all has settled, finds out or does it again; then nothing is left on the volume, nor open. */
async function mended({ world, device }: Struck): Promise<Ran> {
  const ran = await run(['update', file, '--json'], { environment: world.start().environment });
  expect(ran.result?.code).toMatch(/^(applied|already-current)$/);
  expect(leftOn(device)).toEqual([]);
  expect(world.records()).toEqual([]);
  world.dispose();
  return ran;
}

const leftOn = ({ card }: MemoryDevice): readonly string[] =>
  card.paths().filter((path) => path.startsWith('SPACEPAK/UPDATE'));

/** Ctrl-C as each of these phases begins; between two turns of the program, as a real one comes. */
const at =
  (...phases: readonly string[]) =>
  (event: TimedEvent, signals: EventEmitter): void => {
    if (event.event !== 'phase') return;
    for (const phase of phases) if (phase === event.phase) queueMicrotask(() => signals.emit('SIGINT'));
  };

/** Phases in which the device has not been heard yet. */
const UNHEARD = ['release', 'depart', 'return'] as const;
const FOLLOWING = [...UNHEARD, 'confirm'] as const;
/** What is told where nobody watches any more. */
const ABANDONED = { verdict: 'indeterminate', code: 'abandoned', exit: 9, oldFirmware: 'unknown', to: null } as const;

describe('Ctrl-C after the commit', () => {
  test.each(FOLLOWING)('once, as %s begins: what goes on is said, and it is watched to its end', async (phase) => {
    const ran = await struck({ onEvent: at(phase) });
    expect(ran.notices).toEqual(['signature-unchecked', 'still-going']);
    expect(ran.result).toMatchObject({ code: 'applied', exit: 0, oldFirmware: 'replaced', to: '2.0.0+0' });
    expect([ran.status, ran.isOpen]).toEqual([0, false]);
    await mended(ran);
  });

  const pairs = UNHEARD.flatMap((first, index) => UNHEARD.slice(index).map((second) => [first, second] as const));
  test.each(pairs)(
    'as %s begins and again as %s does: nobody watches, and the record stays open',
    async (...phases) => {
      const ran = await struck({ onEvent: at(...phases) });
      expect(ran.notices).toContain('still-going');
      expect(ran.openAt['still-going']).toBe(1);
      expect(ran.result).toMatchObject(ABANDONED);
      expect([ran.status, ran.isOpen]).toEqual([9, true]);
      const { events } = await mended(ran);
      expect(events).toContainEqual(expect.objectContaining({ event: 'notice', code: 'record-resolved' }));
    },
  );

  test('twice when the device has been heard: what it said is told', async () => {
    const ran = await struck({ onEvent: at('confirm', 'confirm') });
    expect(ran.result).toMatchObject({ code: 'applied', exit: 0, oldFirmware: 'replaced' });
    expect([ran.status, ran.isOpen]).toEqual([0, false]);
    await mended(ran);
  });

  test('twice while it is back and has not spoken yet: nobody watches, and the next run hears it', async () => {
    const scenario = scenarioOf('torn-status');
    if (scenario === undefined) throw new TypeError('expected the scenario');
    const { environment, records } = createMemoryWorld(scenario);
    const argv = ['update', temporaryFile('refused.dfu', payloadOf(scenario)), '--json'];
    const { status, result } = await run(argv, { environment, onEvent: at('confirm', 'confirm') });
    expect(result).toMatchObject(ABANDONED);
    expect([status, records().length]).toEqual([9, 1]);
    await environment.clock.sleep(LATER_MS);
    const next = await run(argv, { environment });
    expect(next.events).toContainEqual(expect.objectContaining({ event: 'notice', code: 'record-resolved' }));
    expect(next.result).toMatchObject({ code: 'rejected-signature', oldFirmware: 'runs' });
    expect(records()).toEqual([]);
  });

  test.each(UNHEARD)('too late to call it off, and again as %s begins: nobody watches', async (phase) => {
    const ran = await struck({ before: { at: await triggerAt(), times: 1 }, onEvent: at(phase) });
    expect(ran.notices).toEqual(expect.arrayContaining(['stopping', 'too-late']));
    expect(ran.openAt['too-late']).toBe(1);
    expect(ran.result).toMatchObject(ABANDONED);
    expect([ran.status, ran.isOpen]).toEqual([9, true]);
    await mended(ran);
  });
});

/** The operation that makes the trigger durable. */
async function triggerAt(): Promise<number> {
  const { world } = await struck({});
  const found = world.operations.find(({ verb, path }) => verb === 'fsync' && path?.endsWith('UPDATE.TRG'));
  if (found === undefined) throw new TypeError('an update writes a trigger');
  return found.number;
}

describe('Ctrl-C before the commit', () => {
  test.each([
    ['discover', null],
    // Until its lock is held, another run may be at work.
    ['identify', 'unknown'],
    ['stage', 'runs'],
  ])('as %s begins: status 130, nothing is left behind, and of the old firmware what was seen: %s', async (...args) => {
    const [phase, oldFirmware] = args;
    const ran = await struck({ onEvent: at(phase) });
    expect(ran.notices).toEqual(['signature-unchecked', 'stopping']);
    expect(ran.result).toMatchObject({ verdict: 'refused', code: 'interrupted', exit: 130, oldFirmware });
    expect([ran.status, ran.isOpen, leftOn(ran.device)]).toEqual([130, false, []]);
    await mended(ran);
  });
});

describe('Ctrl-C before operation 1 … n of an update', () => {
  test.each([
    ['once', 1],
    ['twice', 2],
  ])('%s: it is called off, or watched, or left with its record open', async (_, times) => {
    const { world } = await struck({});
    const most = world.operations.length;
    expect(most).toBeGreaterThan(20);
    for (let number = 1; number <= most; number += 1) {
      const ran = await struck({ before: { at: number, times } });
      const where = `operation ${number}: ${world.operations[number - 1]?.verb}`;
      const ended = { status: ran.status, code: ran.result?.code, isOpen: ran.isOpen };
      expect(
        [
          { status: 130, code: 'interrupted', isOpen: false },
          { status: 0, code: 'applied', isOpen: false },
          ...(times === 2 ? [{ status: 9, code: 'abandoned', isOpen: true }] : []),
        ],
        where,
      ).toContainEqual(ended);
      if (ended.code === 'interrupted' && times === 1) expect(leftOn(ran.device), where).toEqual([]);
      await mended(ran);
    }
  });
});

describe('a process in which nothing could end the run any more', () => {
  const strandedAt =
    (phase: string) =>
    (event: TimedEvent, signals: EventEmitter, freeze: () => void): void => {
      if (event.event !== 'phase' || event.phase !== phase) return;
      freeze();
      queueMicrotask(() => signals.emit('stranded', new Error('nothing is left to wait for')));
    };

  test.each(UNHEARD)('after the commit, as %s begins: the update is committed, and no more is known', async (phase) => {
    const ran = await struck({ onEvent: strandedAt(phase) });
    expect(ran).toMatchObject({ status: 9, result: { code: 'lost-track', oldFirmware: 'unknown' }, isOpen: true });
    await mended(ran);
  });

  test('before the commit: a fault of ours, and nothing was committed', async () => {
    const ran = await struck({ onEvent: strandedAt('stage') });
    expect(ran).toMatchObject({ status: 1, result: { code: 'unexpected', oldFirmware: 'unknown' } });
    await mended(ran);
  });
});
