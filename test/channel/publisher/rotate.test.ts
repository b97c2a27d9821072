import { cpSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Publishing } from '../../../src/channel/publisher/init.ts';
import { refreshChannel } from '../../../src/channel/publisher/refresh.ts';
import { type KeyName, keyPath } from '../../../src/channel/publisher/role-keys.ts';
import { rotateKey } from '../../../src/channel/publisher/rotate.ts';
import type * as ownDisk from '../../../src/computer/own-disk.ts';
import { aChannel, aClient, type TestChannel, temporaryFolder, urlOf } from '../a-channel.ts';

/** Called after each file that is written whole. */
let written: () => void = () => {};
vi.mock(import('../../../src/computer/own-disk.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    writeWhole: async (...args: Parameters<typeof ownDisk.writeWhole>) => {
      await real.writeWhole(...args);
      written();
    },
  };
});

/** What is on the disk after each step of a rotation: what a kill at that moment leaves behind. */
async function momentsOf({ publishing }: TestChannel, name: KeyName): Promise<readonly Publishing[]> {
  const moments: Publishing[] = [];
  const keep = (): void => {
    const place = temporaryFolder();
    const copy = { ...publishing, folder: join(place, 'site'), keys: join(place, 'keys') };
    cpSync(publishing.folder, copy.folder, { recursive: true });
    cpSync(publishing.keys, copy.keys, { recursive: true });
    moments.push(copy);
  };
  written = keep;
  await rotateKey(publishing, name);
  written = () => {};
  const [path, retired] = [keyPath(publishing.keys, name), `${keyPath(publishing.keys, name)}.until-root-2`];
  // Between the two names that change at the end.
  renameSync(path, `${path}.next`);
  keep();
  if (existsSync(retired)) renameSync(retired, path);
  keep();
  return moments;
}

let channel: TestChannel;
let trust: Buffer;

beforeEach(async () => {
  channel = await aChannel();
  await channel.add({ version: '1.1.0' });
  trust = readFileSync(channel.rootPath);
  written = () => {};
});

describe('a rotation that was cut off', () => {
  test.each([
    ['root-2', true],
    ['targets', true],
    ['targets', false],
    ['timestamp', true],
    ['timestamp', false],
  ] as const)('goes on when it is run again, at whatever moment: %s, old key here: %s', async (name, isHere) => {
    const path = keyPath(channel.publishing.keys, name);
    if (!isHere) renameSync(path, join(temporaryFolder(), 'lost.pem'));
    const before = channel.copy();
    const moments = await momentsOf(channel, name);
    expect(moments.length).toBeGreaterThan(3);
    for (const moment of moments) {
      const old = await aClient({ url: urlOf(before), root: trust });
      await old.check();
      await (await old.reopened({ url: urlOf(moment.folder) })).check();
      await rotateKey(moment, name);
      await refreshChannel(moment);
      const folder = join(moment.keys, name === 'root-2' ? 'root' : name === 'targets' ? 'targets' : 'online');
      expect(readdirSync(folder).filter((file) => file.endsWith('.next'))).toEqual([]);
      for (const client of [await aClient({ url: urlOf(moment.folder), root: trust }), old]) {
        const there = await client.reopened({ url: urlOf(moment.folder) });
        expect((await there.check()).releases).toHaveLength(1);
      }
    }
  });
});

test('a list whose key was replaced by a rotation that was cut off is not announced as it is', async () => {
  renameSync(keyPath(channel.publishing.keys, 'targets'), join(temporaryFolder(), 'lost.pem'));
  const moments = await momentsOf(channel, 'targets');
  const has = ({ folder }: Publishing, name: string): boolean => existsSync(join(folder, 'metadata', name));
  const between = moments.filter((moment) => has(moment, '2.root.json') && !has(moment, '3.targets.json'));
  expect(between).not.toEqual([]);
  for (const moment of between) {
    await expect(refreshChannel(moment)).rejects.toMatchObject({
      code: 'channel-changed',
      remedy: expect.stringContaining('rotate'),
    });
  }
});
