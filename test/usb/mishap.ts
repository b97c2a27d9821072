import { expect } from 'vitest';
import { type Bench, damageTo, KEY, type Told, until } from './bench.ts';
import { pause } from './machine/guest.ts';
import type { Stick, Trap } from './stick.ts';
import type { Touch } from './storage/unit.ts';

/** A stick that is plugged in and mounted, with what is on it of the user's. */
export interface Victim {
  readonly stick: Stick;
  readonly before: ReadonlyMap<string, Uint8Array>;
}

export async function plugVictim(bench: Bench): Promise<Victim> {
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
 * Pulls the cable at the write or flush of that number, counted from 0 over both, and plugs it in again. `torn`: of a write,
 * the first half of the sectors lands.
 */
export function pullAt(number: number, torn = false): Trap {
  let count = -1;
  return (touch, stick) => {
    count += touch.kind === 'stop' ? 0 : 1;
    if (count !== number || touch.kind === 'stop') return 'done';
    stick.trap = null;
    if (torn && touch.kind === 'write') landHalf(stick, touch);
    setTimeout(() => stick.plug(), REPLUG_MS);
    return 'pull';
  };
}

function landHalf(stick: Stick, { first, bytes }: Extract<Touch, { kind: 'write' }>): void {
  const half = Math.ceil(bytes.length / 1024) * 512;
  stick.sectors.write(first, bytes.subarray(0, half));
}

/** From the write or flush of that number on, every one fails. */
export function failFrom(number: number): Trap {
  let count = -1;
  return (touch) => {
    count += touch.kind === 'stop' ? 0 : 1;
    return count >= number ? 'medium-error' : 'done';
  };
}

/**
 * After whatever went wrong: the device is plugged in anew, takes the update or has it already, and every byte of the user's is
 * as it was.
 */
export async function expectRepeatable(bench: Bench, update: string, { stick, before }: Victim): Promise<void> {
  stick.trap = null;
  stick.writeProtected = false;
  stick.unplug();
  await bench.guest.ask('for try in $(seq 100); do ls /dev/sd* >/dev/null 2>&1 || break; sleep 0.1; done');
  // A device with a battery may act on a trigger just then.
  await until(() => stick.firmware.nextWakeMs() === null);
  await bench.plug(stick);
  const { status, code, stderr } = await bench.spacepack(update);
  expect({ status, isThere: code === 'applied' || code === 'already-current' }, stderr).toEqual({
    status: 0,
    isThere: true,
  });
  expect(stick.firmware.revision).toBe('A200');
  await bench.guest.run('udisksctl unmount --no-user-interaction -b /dev/sd?1', { user: 'user' });
  await pause(100);
  expect(damageTo(stick, before).filter((line) => line.startsWith("user's file"))).toEqual([]);
}
