import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { editRelease, withdrawRelease } from '../../../src/channel/publisher/edit.ts';
import type { Publishing } from '../../../src/channel/publisher/init.ts';
import { refreshChannel } from '../../../src/channel/publisher/refresh.ts';
import { KEY_NAMES, keyPath } from '../../../src/channel/publisher/role-keys.ts';
import { rotateKey } from '../../../src/channel/publisher/rotate.ts';
import {
  aChannel,
  aClient,
  PASSPHRASES,
  type TestChannel,
  type TestClient,
  temporaryFolder,
  urlOf,
} from '../a-channel.ts';

/** The home has the root and targets keys, the server the online keys: docs/channel.md. */
let home: TestChannel;
let server: Publishing;
let client: TestClient;

/** As `rsync` with the two excludes of the guide. */
function upload(isSent: (name: string) => boolean = () => true): void {
  const filter = (source: string): boolean =>
    isSent(basename(source)) && !/^timestamp\.json$|\.snapshot\.json$/.test(basename(source));
  cpSync(home.folder, server.folder, { recursive: true, filter });
}

beforeEach(async () => {
  home = await aChannel();
  const place = temporaryFolder();
  const passphrases = { ...PASSPHRASES, offline: 'not known there' };
  server = { ...home.publishing, folder: join(place, 'site'), keys: join(place, 'keys'), passphrases };
  cpSync(home.folder, server.folder, { recursive: true });
  for (const name of ['online', 'root.json', 'published.json']) {
    cpSync(join(home.publishing.keys, name), join(server.keys, name), { recursive: true });
  }
  rmSync(join(home.publishing.keys, 'online'), { recursive: true });
  client = await aClient({ url: urlOf(server.folder), root: readFileSync(home.rootPath) });
  await client.check();
});

describe('a home that releases and a server that refreshes', () => {
  test('do not collide: a pause of a bad release arrives, however often the server has refreshed', async () => {
    const release = await home.add({ version: '1.1.0' });
    upload();
    await refreshChannel(server);
    expect((await client.check()).releases).toEqual([release]);
    for (let day = 0; day < 5; day += 1) {
      await refreshChannel(server);
      await client.check();
    }
    await editRelease(home.publishing, '1.1.0', { paused: true });
    await editRelease(home.publishing, '1.1.0', { rolloutPercent: 50 });
    upload();
    await refreshChannel(server);
    expect((await client.check()).releases).toEqual([{ ...release, paused: true, rolloutPercent: 50 }]);
    await withdrawRelease(home.publishing, '1.1.0');
    upload();
    await refreshChannel(server);
    expect((await client.check()).releases).toEqual([]);
  });

  test('what is uploaded is seen only after the refresh: until then, the older list counts', async () => {
    await home.add({ version: '1.1.0' });
    upload();
    expect((await client.check()).releases).toEqual([]);
    expect(
      (await (await aClient({ url: urlOf(server.folder), root: readFileSync(home.rootPath) })).check()).releases,
    ).toEqual([]);
  });

  test('even if the home overwrites what the server has signed: the next refresh counts on', async () => {
    for (let day = 0; day < 3; day += 1) await refreshChannel(server);
    await client.check();
    await home.add({ version: '1.1.0' });
    cpSync(home.folder, server.folder, { recursive: true });
    await refreshChannel(server);
    expect((await client.check()).releases).toHaveLength(1);
  });

  test('an upload without its image is not announced', async () => {
    await home.add({ version: '1.1.0' });
    upload((name) => !name.endsWith('.dfu'));
    await expect(refreshChannel(server)).rejects.toMatchObject({ code: 'channel-changed' });
    expect((await client.check()).releases).toEqual([]);
    upload();
    await refreshChannel(server);
    expect((await client.check()).releases).toHaveLength(1);
  });

  test('a list in other bytes is refused: the snapshot would name a digest that no client finds', async () => {
    await home.add({ version: '1.1.0' });
    upload();
    const list = join(server.folder, 'metadata', '2.targets.json');
    writeFileSync(list, ` ${readFileSync(list, 'utf8')}`);
    await expect(refreshChannel(server)).rejects.toMatchObject({ code: 'channel-changed' });
  });

  test('an older list on the server is refused', async () => {
    await home.add({ version: '1.1.0' });
    upload();
    await refreshChannel(server);
    await editRelease(home.publishing, '1.1.0', { paused: true });
    upload();
    await refreshChannel(server);
    rmSync(join(server.folder, 'metadata', '3.targets.json'));
    await expect(refreshChannel(server)).rejects.toMatchObject({ code: 'channel-changed' });
  });

  test.each(KEY_NAMES)('rotate %s: clients follow after the upload and the refresh', async (name) => {
    const release = await home.add({ version: '1.1.0' });
    upload();
    await refreshChannel(server);
    await client.check();
    await rotateKey(home.publishing, name);
    const made = keyPath(home.publishing.keys, name);
    if (basename(dirname(made)) === 'online') renameSync(made, keyPath(server.keys, name));
    upload();
    await refreshChannel(server);
    expect(await client.check()).toMatchObject({ releases: [release], freshness: 'fetched' });
    const fresh = await aClient({ url: urlOf(server.folder), root: readFileSync(home.rootPath) });
    expect(await fresh.check()).toMatchObject({ releases: [release] });
    await home.add({ version: '1.2.0' });
    upload();
    await refreshChannel(server);
    expect((await client.check()).releases).toHaveLength(2);
  });

  test('the home makes nothing that the server makes', async () => {
    const before = readFileSync(join(home.folder, 'metadata', 'timestamp.json'));
    await home.add({ version: '1.1.0' });
    expect(readFileSync(join(home.folder, 'metadata', 'timestamp.json'))).toEqual(before);
    expect(existsSync(join(home.folder, 'metadata', '2.snapshot.json'))).toBe(false);
    expect(existsSync(join(home.folder, 'metadata', '2.targets.json'))).toBe(true);
  });
});
