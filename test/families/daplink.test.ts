import { describe, expect, test } from 'vitest';
import { daplink } from '../../src/protocol/daplink/family.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import { run, temporaryFile } from '../cli/harness.ts';
import type { SectorWrite } from '../fake-volume/families/daplink/mount.ts';
import { TROUBLE, type Trouble } from '../fake-volume/families/daplink/streams.ts';
import { createProbeWorld, type ProbeWorld, type ProbeWorldOptions } from '../fake-volume/families/daplink/world.ts';
import { seededRandom } from '../fake-volume/random.ts';

const families = [daplink];

/** A program for a Cortex-M: a table of vectors, then something else in every word. */
function program(seed: number, sizeBytes = 20_000): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4) bytes.writeUInt32LE((at * 2_654_435 + seed) >>> 0, at);
  for (const [at, word] of [0x2000_1000, 0x101, 0x103, 0x105].entries()) bytes.writeUInt32LE(word, at * 4);
  return bytes;
}

function record(type: number, address: number, data: Uint8Array): string {
  const bytes = Buffer.from([data.length, address >> 8, address & 0xff, type, ...data]);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  return `:${bytes.toString('hex')}${((-sum & 0xff) + 0x100).toString(16).slice(1)}\r\n`.toUpperCase();
}

function hexOf(bytes: Uint8Array): Buffer {
  let text = '';
  for (let at = 0; at < bytes.length; at += 16) text += record(0, at, bytes.subarray(at, at + 16));
  return Buffer.from(`${text}${record(1, 0, new Uint8Array())}`);
}

const NEW = program(7);

async function update(world: ProbeWorld, file: string, content: Uint8Array, ...options: readonly string[]) {
  const argv = ['update', temporaryFile(file, content), '--json', '--yes', ...options];
  const { result, events } = await run(argv, { environment: world.environment, families });
  const notices = events.flatMap((event) => (event.event === 'notice' ? [event.code] : []));
  world.clock.pass(60_000);
  const isThere = Buffer.from(world.probe.target.flash.subarray(0, NEW.length)).equals(NEW);
  // No false word: what is called applied is in the chip once everything has settled.
  if (result?.verdict === 'applied') expect(isThere).toBe(true);
  return { result, notices, isThere };
}

const both = [
  ['new.hex', hexOf(NEW)],
  ['new.bin', NEW],
] as const;

describe.each([false, true])('a probe whose attachment is renamed with its medium: %s', (isRenamed) => {
  const world = (options: ProbeWorldOptions = {}) => createProbeWorld({ isRenamed, ...options });

  test.each(both)('takes %s', async (file, content) => {
    const probe = world();
    const { result } = await update(probe, file, content);
    expect(result).toMatchObject({ verdict: 'applied', code: 'applied' });
    expect(probe.records.size).toBe(0);
  });

  test.each([
    ['target', TROUBLE.write, 'failed', 'failed-target'],
    ['interface', TROUBLE.interface, 'failed', 'failed-flash'],
    ['internal', TROUBLE.internal, 'failed', 'failed-internal'],
    ['user', TROUBLE.user, 'rejected', 'rejected-image'],
    ['transient', TROUBLE.transfer, 'failed', 'failed-transfer'],
  ] as const)('tells of trouble of the type %s', async (_type, trouble: Trouble, verdict, code) => {
    const probe = world();
    probe.probe.target.trouble = trouble;
    const { result } = await update(probe, 'new.hex', hexOf(NEW));
    expect(result).toMatchObject({ verdict, code, message: expect.stringContaining(trouble[0].replace(/\.$/, '')) });
    expect(probe.records.size).toBe(0);
  });

  /** Writes some sectors twice: the chip is right, and the probe objects. */
  const twice = (sectors: readonly SectorWrite[]) => [...sectors.slice(0, 8), ...sectors.slice(4)];
  /** The second page before the first. */
  const swapped = (sectors: readonly SectorWrite[]) => [
    ...sectors.slice(8, 16),
    ...sectors.slice(0, 8),
    ...sectors.slice(16),
  ];

  test.each([
    ['twice', twice],
    ['swapped', swapped],
  ] as const)('gets the file once more if sectors of the first came %s', async (_how, change) => {
    const probe = world({ onFile: (file, sectors) => (file === 1 ? change(sectors) : sectors) });
    const { result, notices } = await update(probe, 'new.bin', NEW);
    expect(result).toMatchObject({ verdict: 'applied' });
    expect(notices).toContain('starting-over');
  });

  test('gets it no third time', async () => {
    const { result } = await update(world({ onFile: (_file, sectors) => swapped(sectors) }), 'new.bin', NEW);
    expect(result).toMatchObject({ verdict: 'failed', code: 'failed-transfer' });
  });

  test.each(both)(
    'that is unplugged in the middle of %s and plugged in again gets it once more',
    async (file, content) => {
      const probe = world({
        onSector(self, number, index) {
          if (number !== 1 || index !== 20) return;
          self.unplug();
          self.clock.later(4_000, () => self.plugIn());
        },
      });
      const { result } = await update(probe, file, content);
      expect(result).toMatchObject({ verdict: 'applied' });
    },
  );

  test.each(both)('gets %s once more if the computer slept meanwhile', async (file, content) => {
    const probe = world({
      onSector: (self, number, index) => number === 1 && index === 20 && self.clock.sleepThrough(5_000, true),
    });
    const { result, notices } = await update(probe, file, content);
    expect(result).toMatchObject({ verdict: 'applied' });
    expect(notices).toContain('starting-over');
  });

  test('that has given up in a pause that nobody noticed is not believed: the old directory hides its FAIL.TXT', async () => {
    const probe = world({
      onSector: (self, number, index) => number === 1 && index === 60 && self.clock.pass(40_000),
    });
    const { result } = await update(probe, 'new.hex', hexOf(NEW));
    expect(result?.verdict).not.toBe('refused');
  });

  test('that is unplugged at the end has forgotten how it ended', async () => {
    const probe = world({
      onSector(self, number, index, count) {
        if (number !== 1 || index !== count - 1) return;
        self.unplug();
        self.clock.later(4_000, () => self.plugIn());
      },
    });
    const { result, notices } = await update(probe, 'new.hex', hexOf(NEW));
    expect(notices).toContain('starting-over');
    expect(result).toMatchObject({ verdict: 'applied' });
  });

  test('that stays away is not known', async () => {
    const probe = world({ onSector: (self, _file, index) => index === 20 && self.unplug() });
    const { result } = await update(probe, 'new.hex', hexOf(NEW));
    expect(result).toMatchObject({ verdict: 'indeterminate', code: 'never-returned' });
    expect(probe.records.size).toBe(1);
  });

  test('says no old word: a FAIL.TXT of an earlier transfer is none of this one', async () => {
    const probe = world();
    probe.probe.target.trouble = TROUBLE.write;
    probe.copy('MINE.HEX', hexOf(program(1)));
    probe.clock.pass(10_000);
    probe.probe.target.trouble = null;
    const { result } = await update(probe, 'new.hex', hexOf(NEW));
    expect(result).toMatchObject({ verdict: 'applied' });
  });

  test('is looked at on a new mount: the one that is there may be older than its medium', async () => {
    const probe = world();
    probe.copy('MINE.HEX', hexOf(program(1)));
    probe.clock.pass(10_000);
    expect(probe.probe.remounts).toBe(1);
    probe.probe.target.trouble = TROUBLE.reset;
    const { result } = await update(probe, 'new.hex', hexOf(NEW));
    expect(result).toMatchObject({ verdict: 'failed', code: 'failed-target' });
  });

  test('an assertion that failed meanwhile is told', async () => {
    const probe = world({ onSector: (self, _file, index) => index === 20 && self.probe.assert() });
    const { result } = await update(probe, 'new.hex', hexOf(NEW));
    expect(result).toMatchObject({ verdict: 'failed', code: 'failed-internal' });
  });

  test('a run that was not there to see it claims nothing of the earlier one, and installs', async () => {
    const probe = world();
    const first = await update(probe, 'new.hex', hexOf(program(3)), '--timeout', '0.1');
    expect(first.result).toMatchObject({ verdict: 'indeterminate' });
    const { result, notices } = await update(probe, 'new.hex', hexOf(NEW));
    expect(notices).toContain('record-resolved');
    expect(result).toMatchObject({ verdict: 'applied' });
    expect(probe.records.size).toBe(0);
  });

  test('a fork without a count says no more than it knows', async () => {
    const good = world({ make: 'st' });
    expect((await update(good, 'new.hex', hexOf(NEW))).result).toMatchObject({ verdict: 'indeterminate' });
    const bad = world({ make: 'st' });
    bad.probe.target.trouble = TROUBLE.reset;
    const { result } = await update(bad, 'new.hex', hexOf(NEW));
    expect(result).toMatchObject({
      verdict: 'failed',
      code: 'failed-other',
      message: expect.stringContaining('Failed to reset/halt the target MCU'),
    });
  });
});

test('a drive with a DETAILS.TXT of its user is no probe', async () => {
  const world = createProbeWorld({ productId: 0x1234, details: 'Title: Details of our holiday\r\n' });
  const { events } = await run(['list', '--json'], { environment: world.environment, families });
  expect(events.filter(({ event }) => event === 'device')).toEqual([]);
  expect((await update(world, 'new.hex', hexOf(NEW))).result).toMatchObject({ code: 'no-device' });
});

test('a stick with a copy of a probe’s files is no probe, and nothing is written to it', async () => {
  const { environment, probe } = createProbeWorld({ make: 'arm', productId: 0x1234 });
  const { volumes } = environment;
  const list = async () => (await volumes.list()).map((drive) => ({ ...drive, sizeBytes: 8e9 }));
  const stick = { environment: { ...environment, volumes: { ...volumes, list } }, families };
  const argv = ['update', temporaryFile('new.hex', hexOf(NEW)), '--json', '--yes'];
  expect((await run(argv, stick)).result).toMatchObject({ code: 'no-device' });
  expect([probe.remounts, probe.target.flash.every((byte) => byte === 0xff)]).toEqual([0, true]);
});

describe('without a desktop', () => {
  const sighted = async (options: ProbeWorldOptions) => {
    const { environment } = createProbeWorld(options);
    const { events } = await run(['list', '--json'], { environment, families: FAMILIES });
    return events.flatMap((event) => (event.event === 'device' ? [[event.profile, event.problem?.code]] : []));
  };

  test('an unmounted probe is listed by its ids, and a run mounts it', async () => {
    expect(await sighted({ isHeadless: true })).toEqual([['daplink', 'volume-not-mounted']]);
    const { result } = await update(createProbeWorld({ isHeadless: true }), 'new.hex', hexOf(NEW));
    expect(result).toMatchObject({ verdict: 'applied' });
  });

  test('an unmounted drive with other ids is no device, and a mounted one is if it has the files', async () => {
    expect(await sighted({ isHeadless: true, productId: 0x1234 })).toEqual([]);
    expect(await sighted({ productId: 0x1234 })).toEqual([['daplink', undefined]]);
  });

  test('a probe that does not show its file is told, not passed over', async () => {
    expect(await sighted({ details: 'Title: Details of our holiday\r\n' })).toEqual([['daplink', 'info-missing']]);
  });
});

/** Sectors lost, swapped or doubled on their way, cables pulled, a chip in trouble, a computer that sleeps: by a seed. */
function mishaps(seed: number): ProbeWorldOptions {
  const random = seededRandom(`${seed}`);
  const below = (limit: number): number => Buffer.from(random(4)).readUInt32LE() % limit;
  const chance = (one: number): boolean => below(one) === 0;
  return {
    isRenamed: chance(2),
    make: chance(4) ? 'st' : 'arm',
    onFile(_file, sectors) {
      const changed = [...sectors];
      const at = below(changed.length);
      if (chance(4)) changed.splice(at, 1);
      if (chance(4)) changed.splice(at, 0, ...changed.slice(at, at + 3));
      if (chance(4)) changed.push(...changed.splice(at, 5));
      return changed;
    },
    onSector(self, _file, index, count) {
      if (chance(4 * count)) {
        self.unplug();
        self.clock.later(below(9_000), () => self.plugIn());
      }
      if (chance(4 * count)) self.clock.sleepThrough(below(40_000), chance(2));
      if (chance(6 * count)) self.probe.target.trouble = TROUBLE.write;
      if (index === 0 && chance(6)) self.probe.assert();
    },
  };
}

test('whatever happens on the way, nothing is called applied that is not in the chip', async () => {
  const codes = new Set<string>();
  for (let seed = 1; seed <= 60; seed += 1) {
    const [file, content] = both[seed % 2] ?? both[0];
    const { result } = await update(createProbeWorld(mishaps(seed)), file, content);
    codes.add(result?.code ?? 'none');
  }
  expect([...codes].sort()).toEqual(expect.arrayContaining(['applied', 'failed-target', 'failed-transfer']));
  expect(codes).not.toContain('unexpected');
}, 60_000);

describe('nothing is written', () => {
  const broken = hexOf(NEW)
    .toString()
    .replace(/^(:.{9})(.)/m, (_, head, digit) => `${head}${digit === '0' ? '1' : '0'}`);
  test.each([
    ['a HEX with a wrong checksum', 'new.hex', Buffer.from(broken), 'image-structure', 'line 1'],
    ['a HEX that was cut off', 'new.hex', hexOf(NEW).subarray(0, -60), 'image-truncated', 'line'],
    ['a binary without a table of vectors', 'new.bin', Buffer.alloc(5_000, 0x55), 'image-structure', 'vectors'],
    ['an ELF', 'new.bin', Buffer.concat([Buffer.from('\x7fELF'), NEW]), 'image-structure', 'ELF'],
    ['an empty file', 'new.bin', Buffer.alloc(0), 'image-truncated', 'empty'],
  ])('of %s', async (_what, file, content, code, words) => {
    const world = createProbeWorld();
    const { result } = await update(world, file, content);
    expect(result).toMatchObject({ verdict: 'refused', code, message: expect.stringContaining(words) });
    expect([world.probe.remounts, world.probe.target.flash.every((byte) => byte === 0xff)]).toEqual([0, true]);
  });

  test('in a wrong extension is no matter: the content decides', async () => {
    const { result } = await update(createProbeWorld(), 'new.bin', hexOf(NEW));
    expect(result).toMatchObject({ verdict: 'applied' });
  });

  test.each([
    ['a drive that is read-only', { isReadOnly: true }, 'volume-read-only'],
    ['a probe in its bootloader', { mode: 'Bootloader' }, 'not-ready'],
  ] as const)('to %s', async (_what, options, code) => {
    const { result } = await update(createProbeWorld(options), 'new.hex', hexOf(NEW));
    expect(result).toMatchObject({ verdict: 'refused', code });
  });

  test('by a dry run', async () => {
    const world = createProbeWorld();
    const { result } = await update(world, 'new.hex', hexOf(NEW), '--dry-run');
    expect(result).toMatchObject({ verdict: 'unchanged', code: 'would-apply' });
    expect(world.probe.remounts).toBe(0);
  });
});
