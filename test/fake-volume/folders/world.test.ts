import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changedFiles } from '../cards/content.ts';
import { readText } from '../spacepack/grammar.ts';
import { buildPayload } from '../spacepack/image/build.ts';
import type { SomeSettings } from '../spacepack/settings.ts';
import { buildInstallTrigger } from '../spacepack/trigger-build.ts';
import type { DeviceOptions } from '../world-options.ts';
import { createFolderWorld, type FolderWorld } from './world.ts';

const QUICK: SomeSettings = {
  quietMs: 500,
  quietDirtyMs: 1_000,
  durations: { attach: 10, away: 300, verify: 5, erase: 5, program: 5, start: 5, cardWrites: 5 },
};

let top: string;
let root: string;
let world: FolderWorld | null = null;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'fake-volume-'));
  root = join(top, 'volumes');
});

afterEach(() => {
  world?.dispose();
  world = null;
  expect(readdirSync(top)).toEqual([]);
  rmSync(top, { recursive: true });
});

function start(device: DeviceOptions = {}, host: 'desktop' | 'headless' = 'desktop') {
  world = createFolderWorld({ root, host, devices: [{ ...device, settings: { ...QUICK, ...device.settings } }] });
  const [first] = world.devices;
  if (first === undefined) throw new Error('the world has no device');
  return first;
}

const appears = (path: string) => expect.poll(() => existsSync(join(root, path))).toBe(true);
const vanishes = (path: string) => expect.poll(() => existsSync(join(root, path))).toBe(false);

function fieldsOf(path: string): ReadonlyMap<string, string> {
  const text = readText(readFileSync(join(root, path)), 4096);
  return text.kind === 'intact' ? text.fields : new Map();
}

function stageInstall(name: string): void {
  const info = fieldsOf(`${name}/SPACEPAK/INFO.TXT`);
  const payload = buildPayload();
  writeFileSync(join(root, name, 'SPACEPAK', 'UPDATE.BIN'), payload);
  const trigger = buildInstallTrigger(
    {
      nonce: 'ab'.repeat(16),
      serial: info.get('serial') ?? '',
      bootCount: Number(info.get('boot-count')),
      session: info.get('session') ?? '',
    },
    payload,
  );
  writeFileSync(join(root, name, 'SPACEPAK', 'UPDATE.TRG'), trigger);
}

test('a device leaves with its folder and its drive file, and comes back with the new image', async () => {
  const device = start();
  await appears('SPACEPACK/SPACEPAK/STATUS.TXT');
  const before = device.userFiles();
  const first = JSON.parse(readFileSync(join(root, '.drives/SPACEPACK.json'), 'utf8'));
  expect(first).toMatchObject({ label: 'SPACEPACK', scheme: 'mbr', fileSystem: 'fat32', writeProtected: false });
  expect(first.usb).toMatchObject({ vendorId: 0x19e7, productId: 0x1111, serial: device.serial, revision: 'A100' });

  stageInstall('SPACEPACK');
  renameSync(join(root, 'SPACEPACK'), join(root, '.unmounted/SPACEPACK'));
  await vanishes('.drives/SPACEPACK.json');
  expect(existsSync(join(root, '.unmounted/SPACEPACK'))).toBe(false);

  await appears('SPACEPACK');
  expect(fieldsOf('SPACEPACK/SPACEPAK/STATUS.TXT').get('state')).toBe('applied');
  const second = JSON.parse(readFileSync(join(root, '.drives/SPACEPACK.json'), 'utf8'));
  expect(second.attachment).not.toBe(first.attachment);
  expect(second.usb.revision).toBe('A200');
  expect(changedFiles(before, device.userFiles())).toEqual([]);
});

test('a device whose volume stays mounted leaves, and the card stays dirty', async () => {
  const device = start();
  await appears('SPACEPACK/SPACEPAK/STATUS.TXT');
  stageInstall('SPACEPACK');
  await vanishes('SPACEPACK');
  await appears('SPACEPACK');
  expect(device.firmware.runningHash).not.toBeNull();
  expect(fieldsOf('SPACEPACK/SPACEPAK/STATUS.TXT').get('state')).toBe('applied');
});

test('on a headless computer a volume appears unmounted', async () => {
  const device = start({}, 'headless');
  await appears('.unmounted/SPACEPACK');
  expect(existsSync(join(root, 'SPACEPACK'))).toBe(false);
  device.unplug();
  await vanishes('.unmounted/SPACEPACK');
});

test('a volume whose folder is in the way of its return comes back as NAME 1', async () => {
  start({ troubles: [{ at: 'away', does: (victim) => victim.leaveMountFolder() }] });
  await appears('SPACEPACK/SPACEPAK/STATUS.TXT');
  stageInstall('SPACEPACK');
  await appears('SPACEPACK 1');
  expect(fieldsOf('SPACEPACK 1/SPACEPAK/STATUS.TXT').get('state')).toBe('applied');
});

test('a device without a card has a drive of size 0', async () => {
  start({ card: null });
  await appears('SPACEPACK');
  expect(JSON.parse(readFileSync(join(root, '.drives/SPACEPACK.json'), 'utf8')).sizeBytes).toBe(0);
  expect(readdirSync(join(root, 'SPACEPACK'))).toEqual([]);
});

test('a link in the place of a trigger is not followed', async () => {
  const device = start({ troubles: [{ at: 'ready', does: ({ card }) => card.writeForeign('SPACEPAK/UPDATE.TRG') }] });
  await appears('SPACEPACK/SPACEPAK/STATUS.TXT');
  expect(lstatSync(join(root, 'SPACEPACK/SPACEPAK/UPDATE.TRG')).isSymbolicLink()).toBe(true);
  device.unplug();
  device.plug();
  await expect.poll(() => fieldsOf('SPACEPACK/SPACEPAK/INFO.TXT').get('boot-count')).toBe('2');
  expect(lstatSync(join(root, 'SPACEPACK/SPACEPAK/UPDATE.TRG')).isSymbolicLink()).toBe(true);
});
