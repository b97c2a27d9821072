import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { type Bench, damageTo, KEY, openBench, type Told, until } from './bench.ts';
import { explain, isUpkeep, ownersOf } from './explain.ts';
import type { Stick, Trap } from './stick.ts';
import type { Touch } from './storage/unit.ts';

/** A desktop on which every test of a file makes the same update. */
export interface Desk {
  readonly bench: Bench;
  /** The words of the command line. */
  readonly update: string;
}

/** For a file of tests: one guest for all of them; each begins without a stick. What is given back is there when a test begins. */
export function useDesk(): Desk {
  const desk: { bench: Bench | null; update: string } = { bench: null, update: '' };
  const opened = (): Bench => {
    if (desk.bench === null) throw new TypeError('the bench is opened before the first test, not sooner');
    return desk.bench;
  };
  beforeAll(async () => {
    desk.bench = await openBench(inject('productFolder'));
    desk.update = updateWith(desk.bench.payload('v2.dfu'));
    await desk.bench.automount('udisks');
  });
  afterEach(() => desk.bench?.clear());
  afterAll(() => desk.bench?.close());
  return {
    get bench() {
      return opened();
    },
    get update() {
      return desk.update;
    },
  };
}

/** A stick that is plugged in and mounted, with what is on it of the user's. */
export interface Victim {
  readonly stick: Stick;
  readonly before: ReadonlyMap<string, Uint8Array>;
}

export async function plugVictim({ bench }: Desk): Promise<Victim> {
  const stick = await bench.stick();
  const before = stick.userFiles();
  await bench.plug(stick);
  return { stick, before };
}

export function updateWith(path: string): string {
  return `update ${path} --key ${KEY} --yes`;
}

/** Status and code of a run, for comparing with what README's table says. */
export function ended({ status, code }: Told): { readonly status: number | null; readonly code: string | undefined } {
  return { status, code };
}

/** How long somebody needs to push the plug in again. */
const REPLUG_MS = 1_500;

/**
 * The trap, from the first thing on that a program writes, that included. What the system writes of its own accord before, and
 * when, depends on how busy the computer is: the mark of a mount, times of last access.
 */
export function fromProgram(trap: Trap): Trap {
  let hasBegun = false;
  return (touch, stick) => {
    hasBegun ||= touch.kind === 'write' && !isUpkeep(stick.sectors, touch.first, touch.bytes);
    return hasBegun ? trap(touch, stick) : 'done';
  };
}

/**
 * Pulls the cable at the write or flush of that number, counted from 0 over both from the first thing on that a program writes,
 * and plugs it in again. `torn`: of a write, the first half of the sectors lands.
 */
export function pullAt(number: number, torn = false): Trap {
  let count = -1;
  return fromProgram((touch, stick) => {
    count += touch.kind === 'stop' ? 0 : 1;
    return count !== number || touch.kind === 'stop' ? 'done' : pull(touch, stick, torn);
  });
}

/** Pulls the cable at the first write that is this in the words of `explain`, and plugs it in again; `torn` as above. */
export function pullAtWrite(words: RegExp, torn = false): Trap {
  return (touch, stick) => {
    if (touch.kind !== 'write') return 'done';
    const { sectors } = stick;
    return words.test(explain(sectors, ownersOf(sectors), touch.first, touch.bytes).words)
      ? pull(touch, stick, torn)
      : 'done';
  };
}

function pull(touch: Touch, stick: Stick, torn: boolean): 'pull' {
  stick.trap = null;
  if (torn && touch.kind === 'write') landHalf(stick, touch);
  setTimeout(() => stick.plug(), REPLUG_MS);
  return 'pull';
}

function landHalf(stick: Stick, { first, bytes }: Extract<Touch, { kind: 'write' }>): void {
  const half = Math.ceil(bytes.length / 1024) * 512;
  stick.sectors.write(first, bytes.subarray(0, half));
}

/** From the write or flush of that number on, counted as for `pullAt`, every one fails. */
export function failFrom(number: number): Trap {
  let count = -1;
  return fromProgram((touch) => {
    count += touch.kind === 'stop' ? 0 : 1;
    return count >= number ? 'medium-error' : 'done';
  });
}

/** How often Linux sends a command that fails before it gives it up (SD_MAX_RETRIES and the first). */
const ATTEMPTS = 6;

/** The write or flush of that number, counted as for `pullAt`, fails, however often it is tried; all others work. */
export function failAt(number: number): Trap {
  const nameOf = (touch: Touch): string => (touch.kind === 'write' ? `write ${touch.first}` : touch.kind);
  const failing = { name: '', left: 0 };
  let count = -1;
  return fromProgram((touch) => {
    if (touch.kind === 'stop') return 'done';
    if (failing.left === 0 || nameOf(touch) !== failing.name) {
      count += 1;
      failing.left = 0;
      if (count !== number) return 'done';
      Object.assign(failing, { name: nameOf(touch), left: ATTEMPTS });
    }
    failing.left -= 1;
    return 'medium-error';
  });
}

/**
 * After whatever went wrong: the device is plugged in anew, takes the update or has it already, and every byte of the user's is
 * as it was. Resolves with how that second run ended.
 */
export async function expectRepeatable({ bench, update }: Desk, { stick, before }: Victim): Promise<string> {
  stick.trap = null;
  stick.writeProtected = false;
  stick.unplug();
  await bench.untilGone();
  // A device with a battery may act on a trigger just then.
  await until(() => stick.firmware.nextWakeMs() === null);
  await bench.plug(stick);
  const { status, code = '', stderr } = await bench.spacepack(update);
  expect(status, stderr).toBe(0);
  expect(['applied', 'already-current']).toContain(code);
  expect(stick.firmware.revision).toBe('A200');
  await bench.unmountAll();
  expect(damageTo(stick, before).filter((line) => line.startsWith("user's file"))).toEqual([]);
  return code;
}
