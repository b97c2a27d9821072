import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  buildPayload,
  createFolderWorld,
  type ImageOptions,
  type Scenario,
} from '../../../../test/fake-volume/index.ts';
import { errnoOf } from '../../../computer/errno.ts';
import { generateKeyPair, type KeyPair } from '../../../image/keys.ts';
import { messageOf, SpacepackError } from '../../../protocol/errors.ts';
import { writeNewFile } from '../../io/new-file.ts';
import { answered, type Result } from '../../talk/result.ts';
import type { Line } from '../../text/line.ts';
import type { CommandContext } from '../command.ts';
import { talkativeDevices } from './worlds.ts';

/** Images to try, and the outcome of each. The device runs version 1.0.0. */
const IMAGES: readonly (readonly [name: string, options: ImageOptions, outcome: string])[] = [
  ['newer.dfu', { version: { major: 2 } }, 'is applied'],
  ['older.dfu', { version: { major: 0, minor: 9 } }, 'is refused: it is older'],
  ['other-device.dfu', { productId: 0x2222 }, 'is refused: it is for another product'],
];

/** A copy with one bit of the code flipped: the file's CRC no longer fits. */
function damaged(payload: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(payload);
  copy[100] = (copy[100] ?? 0) ^ 1;
  return copy;
}

async function writeImages(folder: string, key: KeyPair): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, options] of IMAGES) {
    await writeNewFile(join(folder, name), buildPayload({ key, ...options }), 0o644);
  }
  await writeNewFile(join(folder, 'damaged.dfu'), damaged(buildPayload({ key })), 0o644);
  await writeNewFile(join(folder, 'maker.public.pem'), key.publicKey, 0o644);
}

function whatToTry(root: string, images: string): readonly Line[] {
  const update = (name: string, outcome: string): Line => [
    `  spacepack update ${join(images, name)} --root ${root} --key ${join(images, 'maker.public.pem')}`,
    { text: `   ${outcome}`, tone: 'faint' },
  ];
  return [
    [{ text: 'A simulated SpacePack is plugged in. Try, in another terminal:', tone: 'strong' }],
    [`  spacepack list --root ${root}`],
    ...IMAGES.map(([name, , outcome]) => update(name, outcome)),
    update('damaged.dfu', 'is refused: it is damaged'),
    [`  spacepack ping --root ${root}`],
    ['Ctrl-C unplugs it and removes what it made.'],
    [],
  ];
}

/** Somebody else's folder must not be filled, let alone removed at the end. */
async function requireOwnFolder(path: string): Promise<void> {
  const names = await readdir(path).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return [];
    const found = messageOf(thrown);
    throw new SpacepackError('usage', `Expected a folder at ${path}, found ${found}.`, { cause: thrown });
  });
  if (names.length === 0) return;
  const message = `Expected ${path} to be empty or not there, found ${names.length} entries in it.`;
  throw new SpacepackError('usage', message, {
    remedy: 'Choose another folder: a simulated device removes its own folder at the end.',
  });
}

/** Keeps the devices of a scenario plugged in below a root until it is interrupted, and offers images to try. */
export async function keepAlive(scenario: Scenario, root: string, context: CommandContext): Promise<Result> {
  const { speaker, interrupts } = context;
  const key = generateKeyPair();
  const path = resolve(root);
  const images = join(path, '.images');
  await requireOwnFolder(path);
  const world = createFolderWorld({
    ...scenario,
    root: path,
    devices: talkativeDevices(scenario, key.publicKey, speaker),
  });
  try {
    await writeImages(images, key);
    speaker.tell({ event: 'file', device: null, role: 'folder', path: images });
    speaker.page(whatToTry(path, images));
    await interrupts.untilInterrupted();
  } finally {
    await rm(images, { recursive: true, force: true });
    world.dispose();
  }
  return answered('The simulated device is unplugged.');
}
