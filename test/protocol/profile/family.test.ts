import { describe, expect, test } from 'vitest';
import { select } from '../../../src/devices/select.ts';
import { finish, update } from '../../../src/devices/update.ts';
import { checkImage } from '../../../src/image/check.ts';
import { readable } from '../../../src/image/open-image.ts';
import { memoryPayload } from '../../../src/image/payload.ts';
import { crc32 } from '../../../src/protocol/checksum.ts';
import type { DeviceInfo } from '../../../src/protocol/device-info.ts';
import type { FoundBytes } from '../../../src/protocol/found.ts';
import type { ProfileOwn } from '../../../src/protocol/profile/about-device.ts';
import { profileFamily } from '../../../src/protocol/profile/family.ts';
import type { Profile } from '../../../src/protocol/profile/profile.ts';
import { readProfile } from '../../../src/protocol/profile/read.ts';
import { createDropWorld, type DropDevice, type DropWorld } from '../../fake-volume/families/drop-world.ts';
import { deviceFor, imageFor } from '../../fake-volume/families/from-profile.ts';

const base = {
  schema: 1,
  id: 'mine',
  name: 'Mine',
  returns: 'anew',
  device: { marker: 'ME.TXT' },
  image: { extension: 'bin' },
};
const twoFiles = readProfile({
  ...base,
  write: { payload: 'UP/NEW.BIN', trigger: { file: 'UP/GO.TXT', text: 'go now' } },
  verdict: [
    { is: 'applied', when: { status: { file: 'UP/SAYS.TXT', key: 'state', is: 'ok' } } },
    { is: 'failed', when: { status: { file: 'UP/SAYS.TXT', key: 'state', begins: 'bad' } } },
  ],
});
const never = readProfile({ ...base, returns: 'never', write: { payload: 'NEW.BIN' } });

async function run(profile: Profile, { environment }: Pick<DropWorld, 'environment'>) {
  const family = profileFamily(profile);
  const payload = memoryPayload('new.bin', imageFor(profile));
  const image = readable(payload, await checkImage(payload, [family]));
  const [{ target }] = await select(environment, [family]);
  const notices: string[] = [];
  const ended = update(environment, target, image);
  const { code } = await finish(ended, (report) => report.type === 'notice' && notices.push(report.code));
  return { code, notices };
}

const device = (profile: Profile, rule = 0): DropDevice => deviceFor(profile, profile.verdicts[rule] ?? 'silent');

describe('a payload and a trigger', () => {
  test.each([
    ['applied', 0],
    ['failed-other', 1],
  ])('%s, as the value of a key says', async (code, rule) => {
    const world = createDropWorld(device(twoFiles, rule));
    expect((await run(twoFiles, world)).code).toBe(code);
    expect(world.records.size).toBe(0);
    expect([...world.device.files.keys()].sort()).toEqual(['ME.TXT', 'UP/SAYS.TXT']);
  });

  test('what the last update said proves nothing about this one', async () => {
    const world = createDropWorld(device(twoFiles));
    await run(twoFiles, world);
    expect((await run(twoFiles, world)).code).toBe('no-answer');
  });

  test('killed while the payload is staged: it is recognised as ours by the same image', async () => {
    const world = createDropWorld(device(twoFiles), { killedAfterBytes: 1_024 });
    await run(twoFiles, world).catch(() => {});
    expect(world.device.files.get('UP/NEW.BIN')).toHaveLength(1_024);
    world.calm();
    const { code, notices } = await run(twoFiles, world);
    expect([code, notices]).toEqual(['applied', expect.arrayContaining(['leftover-removed'])]);
  });

  test('a file of somebody else in the payload’s place is kept, and nothing is committed', async () => {
    const world = createDropWorld(device(twoFiles));
    const theirs = Buffer.from('a letter that is longer than nothing');
    const view = createDropWorld({ ...world.device, files: new Map([...world.device.files, ['UP/NEW.BIN', theirs]]) });
    expect((await run(twoFiles, view)).code).toBe('volume-foreign');
    expect(view.device.files.get('UP/NEW.BIN')).toEqual(theirs);
    expect(view.device.files.has('UP/GO.TXT')).toBe(false);
    expect(view.records.size).toBe(0);
  });
});

test('a device that never returns is never called updated', async () => {
  const world = createDropWorld(device(never));
  expect((await run(never, world)).code).toBe('never-returned');
  expect(world.records.size).toBe(0);
});

test('a drive whose name is not known is not taken for a device that is known by its name alone', async () => {
  const named = readProfile({
    ...base,
    device: { inquiry: { vendor: 'ACME', product: 'X' } },
    returns: 'never',
    write: { payload: 'A' },
  });
  const family = profileFamily(named);
  const [drive] = await createDropWorld(device(never)).environment.volumes.list();
  if (drive === undefined) throw new TypeError('expected a drive');
  expect(family.controlVolume({ ...drive, vendor: null, product: null })).toBeNull();
  expect(family.controlVolume({ ...drive, vendor: 'ACME', product: 'X' })).not.toBeNull();
});

test('what is remembered is taken back only in its own form', () => {
  const family = profileFamily(twoFiles);
  const image = { sizeBytes: 1, crc32: 0, beginnings: [0] };
  const memory = { image, before: { 'A.TXT': null }, version: null, hasArrived: true };
  expect(family.parseMemory(memory)).toEqual(memory);
  for (const wrong of [
    null,
    {},
    { ...memory, image: {} },
    { ...memory, before: { a: 1 } },
    { ...memory, hasArrived: 1 },
  ]) {
    expect(family.parseMemory(wrong)).toBeNull();
  }
});

describe('a device whose file is written over in place', () => {
  const over = readProfile({
    ...base,
    device: { usb: ['1209:0001'] },
    returns: 'anew',
    write: { payload: 'FW.BIN', over: true },
    verdict: [
      { is: 'applied', when: { status: { file: 'RESULT.TXT', is: 'OK' } } },
      { is: 'written', when: { holds: 'FW.BIN' } },
    ],
  });
  const family = profileFamily(over);
  const image = { sizeBytes: 4, crc32: 1, beginnings: [0, 0, 0] };
  const memory = { image, before: { 'RESULT.TXT': null, 'FW.BIN': null }, version: null, hasArrived: true };
  const commitment = {
    action: 'install' as const,
    serial: null,
    nonce: '0'.repeat(32),
    newImage: 'x',
    oldImage: null,
    memory,
    written: 'whole' as const,
  };
  const info = { own: { version: null } } as DeviceInfo<ProfileOwn>;
  const absent: FoundBytes = { kind: 'absent', why: '' };
  const unreadable: FoundBytes = { kind: 'unreadable', why: '' };
  const other: FoundBytes = { kind: 'intact', value: Buffer.from('another firmware') };
  const codeOf = (held: FoundBytes, how: Partial<typeof commitment> = {}, of = family) => {
    const others = new Map([
      ['RESULT.TXT', absent],
      ['FW.BIN', held],
    ]);
    const found = of.trace({ ...commitment, ...how }, info, { answer: absent, trigger: held, others });
    return found.kind === 'answered' ? found.testimony.judgement.code : found.kind;
  };

  test('has failed if the file holds other bytes, and only as seen by the run that wrote it', () => {
    expect(codeOf(other)).toBe('failed-verify');
    const { written: _, ...later } = commitment;
    const others = new Map([['FW.BIN', other]]);
    expect(family.trace(later, info, { answer: absent, trigger: other, others })).toEqual({ kind: 'over' });
  });

  test('has not failed where the file cannot be seen', () => {
    expect([codeOf(absent), codeOf(unreadable)]).toEqual(['over', 'unreadable']);
  });

  test('has not failed because another rule is not fulfilled yet', () => {
    const [status] = over.verdicts;
    if (status === undefined) throw new TypeError('expected a rule');
    expect(codeOf(other, {}, profileFamily({ ...over, verdicts: [status] }))).toBe('over');
    const both = { ...status, when: { ...status.when, holds: 'FW.BIN' } };
    const held: FoundBytes = { kind: 'intact', value: Buffer.from('aaaa') };
    const same = { ...memory, image: { sizeBytes: 4, crc32: crc32(held.value), beginnings: [0, 0, 0] } };
    expect(codeOf(held, { memory: same }, profileFamily({ ...over, verdicts: [both] }))).toBe('over');
  });
});
