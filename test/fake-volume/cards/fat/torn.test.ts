import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { RECORDED, recordedCard } from '../../../usb/recorded.ts';
import { seededRandom } from '../../random.ts';
import { createFirmware, type Firmware } from '../../spacepack/firmware.ts';
import { buildImage, buildPayload } from '../../spacepack/image/build.ts';
import { factoryMemory } from '../../spacepack/nonvolatile.ts';
import { settingsOf } from '../../spacepack/settings.ts';
import { RESERVED } from '../card.ts';
import { changedFiles, userFiles } from '../content.ts';
import { fatCard } from './card.ts';
import { fatContent } from './content.ts';
import { layeredSectors } from './layered.ts';
import { SECTOR_BYTES, type Sectors, sectorsOf } from './sectors.ts';

interface Write {
  readonly first: number;
  readonly bytes: Buffer;
}

/** The writes of the kept update, until the device leaves the bus, in groups that a flush ends. */
function keptGroups(): readonly (readonly Write[])[] {
  const path = join(import.meta.dirname, '../../../usb/results/update.json');
  const events = JSON.parse(readFileSync(path, 'utf8')) as readonly {
    readonly kind: string;
    readonly words?: string;
    readonly first?: number;
    readonly base64?: string;
  }[];
  const groups: Write[][] = [[]];
  for (const { kind, words, first, base64 } of events) {
    if (kind === 'device' && words === 'leaves the bus') break;
    if (kind === 'flush') groups.push([]);
    if (kind === 'write') groups.at(-1)?.push({ first: first ?? 0, bytes: Buffer.from(base64 ?? '', 'base64') });
  }
  return groups;
}

const HOUR_MS = 3_600_000;
const payload = buildPayload(RECORDED.image);
const oldImage = buildImage(RECORDED.runs);

/** A device on a card, at a time that is handed in. */
function deviceOn(sectors: Sectors, clock: { nowMs: number }): Firmware {
  const settings = settingsOf(RECORDED.settings, 0);
  return createFirmware({
    settings,
    memory: factoryMemory(oldImage),
    card: () => fatCard(sectors),
    now: () => clock.nowMs,
    random: seededRandom(settings.serial),
  });
}

function pass(firmware: Firmware, clock: { nowMs: number }, ms: number): void {
  const endMs = clock.nowMs + ms;
  for (let wakeMs = firmware.nextWakeMs(); wakeMs !== null && wakeMs <= endMs; wakeMs = firmware.nextWakeMs()) {
    clock.nowMs = Math.max(clock.nowMs, wakeMs);
    firmware.run();
    if (firmware.onBus) firmware.hostConfigured();
  }
  clock.nowMs = endMs;
}

let attached: Sectors;
let before: ReadonlyMap<string, Uint8Array>;
beforeAll(() => {
  attached = sectorsOf(recordedCard());
  before = userFiles(fatContent(attached));
});

/**
 * Lets a device of the same nature live through the writes and wait for an hour. Whatever it made of them, it did not run
 * anything but the old image or the whole new one, it had the whole payload before it erased, and it left the user's files as
 * the writes had left them: a sector that was torn may have taken some with it.
 */
function live(writes: readonly Write[], isTorn = false): { readonly left: boolean; readonly revision: string } {
  const sectors = layeredSectors(attached);
  const clock = { nowMs: 0 };
  const firmware = deviceOn(sectors, clock);
  firmware.plug();
  pass(firmware, clock, 1_000);
  for (const { first, bytes } of writes) {
    sectors.write(first, bytes);
    firmware.hostWrote();
    expect(firmware.onBus).toBe(true);
  }
  const card = fatCard(sectors);
  const found = card?.read(RESERVED.payload, payload.length + 1) ?? new Uint8Array();
  const isWhole = Buffer.compare(found, payload) === 0 && card?.find(RESERVED.payload).kind === 'file';
  const asTheHostLeftIt = card === null ? null : userFiles(fatContent(sectors));
  pass(firmware, clock, HOUR_MS);
  const { flash, bootCount } = firmware.memory;
  expect(flash).not.toBeNull();
  if (!isWhole) expect(Buffer.compare(flash ?? new Uint8Array(), oldImage)).toBe(0);
  expect(['A100', 'A200']).toContain(firmware.revision);
  if (asTheHostLeftIt !== null) {
    expect(changedFiles(asTheHostLeftIt, userFiles(fatContent(sectors)))).toEqual([]);
    if (!isTorn) expect(changedFiles(before, asTheHostLeftIt)).toEqual([]);
  }
  return { left: bootCount > 1, revision: firmware.revision };
}

/** Writes as a medium would have them that loses power in the middle of the last one. */
function torn(writes: readonly Write[], random: (below: number) => number): readonly Write[] {
  const last = writes.at(-1);
  if (last === undefined) return writes;
  const landed = random(last.bytes.length / SECTOR_BYTES) * SECTOR_BYTES;
  const half = Buffer.from(last.bytes.subarray(0, landed + SECTOR_BYTES));
  // Of the sector at which power was lost, only the beginning is new; the rest is nonsense.
  half.fill(random(2) === 0 ? 0 : 0xa5, landed + random(SECTOR_BYTES));
  return [...writes.slice(0, -1), { first: last.first, bytes: half }];
}

function below(random: (bytes: number) => Uint8Array): (limit: number) => number {
  return (limit) => Buffer.from(random(4)).readUInt32LE(0) % limit;
}

function shuffled<Item>(items: readonly Item[], random: (limit: number) => number): readonly Item[] {
  const rest = [...items];
  for (let index = rest.length - 1; index > 0; index -= 1) {
    const other = random(index + 1);
    [rest[index], rest[other]] = [rest[other] as Item, rest[index] as Item];
  }
  return rest;
}

describe('the sector writes of a real update, in other orders', () => {
  const groups = keptGroups();
  const all = groups.flat();

  test('make the device take the update when all of them arrive', () => {
    expect(live(all)).toEqual({ left: true, revision: 'A200' });
  });

  test('never make it act on a beginning of them', () => {
    const ends = all.map((_, index) => live(all.slice(0, index)));
    // Only once the trigger is whole does it leave at all.
    const firstLeft = ends.findIndex(({ left }) => left);
    expect(firstLeft).toBeGreaterThan(0);
    expect(ends.slice(firstLeft).every(({ revision }) => revision === 'A200')).toBe(true);
  });

  test('never make it act on a torn sector, whatever is torn', () => {
    const random = below(seededRandom('torn'));
    for (const index of all.keys()) {
      for (let count = 0; count < 6; count += 1) live(torn(all.slice(0, index + 1), random), true);
    }
  });

  test('never make it act in 2,000 random orders that the flushes allow, cut off anywhere, torn every third time', () => {
    const random = below(seededRandom('orders'));
    let lefts = 0;
    for (let count = 0; count < 2_000; count += 1) {
      const group = random(groups.length);
      const mixed = shuffled(groups[group] ?? [], random);
      const cut = [...groups.slice(0, group).flat(), ...mixed.slice(0, random(mixed.length + 1))];
      const isTorn = count % 3 === 0;
      if (live(isTorn ? torn(cut, random) : cut, isTorn).left) lefts += 1;
    }
    expect(lefts).toBeGreaterThan(0);
  });
});
