import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refreshChannel } from '../../src/channel/publisher/refresh.ts';
import { bytesOf, nextSnapshot, nextTimestamp } from '../../src/channel/publisher/repository.ts';
import { type KeyName, loadRoleKey, type RoleKey } from '../../src/channel/publisher/role-keys.ts';
import { rotateKey } from '../../src/channel/publisher/rotate.ts';
import { metadataPath } from '../../src/channel/publisher/site.ts';
import { aClient, daysFrom, PASSPHRASES, type TestChannel, temporaryFolder } from './a-channel.ts';
import { seenChannel } from './a-seen-channel.ts';
import type { Trick } from './a-server.ts';
import { loadRepository } from './read-repository.ts';

const without =
  (file: string): Trick =>
  (request, response) => {
    if (request.url?.endsWith(file) !== true) return false;
    response.destroy();
    return true;
  };

const keyOf = ({ publishing }: TestChannel, name: KeyName): Promise<RoleKey> =>
  loadRoleKey(publishing.keys, name, PASSPHRASES);

describe('what a check verified before it was cut off', () => {
  test('counts: an older timestamp is refused from then on (TUF 5.4.6)', async () => {
    const { channel, server, client, release } = await seenChannel();
    const old = channel.copy();
    await channel.add({ version: '1.2.0' });
    server.play(without('snapshot.json'));
    expect(await client.check()).toMatchObject({ releases: [release], freshness: 'offline' });
    server.play(null);
    server.serve(old);
    await expect(client.check()).rejects.toMatchObject({ code: 'channel-untrusted' });
    server.serve(channel.folder);
    expect(await client.check()).toMatchObject({ releases: { length: 2 }, freshness: 'fetched' });
    expect(await client.check()).toMatchObject({ freshness: 'unchanged', requests: 1 });
  });

  test('counts: an older list below a newer snapshot is refused from then on (TUF 5.5.7)', async () => {
    const { channel, server, client } = await seenChannel();
    const before = await loadRepository(channel.folder);
    await channel.add({ version: '1.2.0' });
    server.play(without('targets.json'));
    expect(await client.check()).toMatchObject({ freshness: 'offline' });
    server.play(null);
    // Who holds the keys of the server goes back to the older list.
    const { snapshot, timestamp } = await loadRepository(channel.folder);
    const now = channel.publishing.now;
    const shot = nextSnapshot(snapshot.signed.version + 1, before.targets, [await keyOf(channel, 'snapshot')], now);
    const stamp = nextTimestamp(timestamp.signed.version + 1, shot, [await keyOf(channel, 'timestamp')], now);
    writeFileSync(metadataPath(channel.folder, `${shot.signed.version}.snapshot.json`), bytesOf(shot));
    writeFileSync(metadataPath(channel.folder, 'timestamp.json'), bytesOf(stamp));
    await expect(client.check()).rejects.toMatchObject({ code: 'channel-untrusted' });
  });

  test('does not hide the last whole edition: what it lists can be downloaded', async () => {
    const { channel, server, client, release } = await seenChannel();
    await channel.add({ version: '1.2.0' });
    server.play(without('targets.json'));
    await client.check();
    expect(await client.download(release)).toContain(client.cache);
  });
});

describe('a newer root under an unchanged timestamp', () => {
  /** The channel with a new root and the timestamp of before, as a server shows it that holds the timestamp back. */
  async function heldBack() {
    const { channel, server, client } = await seenChannel();
    const timestamp = readFileSync(metadataPath(channel.folder, 'timestamp.json'));
    await rotateKey(channel.publishing, 'targets');
    const folder = channel.copy();
    writeFileSync(metadataPath(folder, 'timestamp.json'), timestamp);
    server.serve(folder);
    const rootVersion = (): number =>
      JSON.parse(readFileSync(join(client.directory, 'root.json'), 'utf8')).signed.version;
    return { channel, server, client, rootVersion };
  }

  test('is seen within a day; until then a check is one request', async () => {
    const { channel, server, client, rootVersion } = await heldBack();
    const at = (days: number) =>
      client.reopened({ url: server.url, date: () => daysFrom(channel.publishing.now, days) });
    expect(await (await at(0.9)).check()).toMatchObject({ freshness: 'unchanged', requests: 1 });
    expect(rootVersion()).toBe(1);
    await (await at(1.1)).check().catch(() => undefined);
    expect(rootVersion()).toBe(2);
  });

  test('is looked for at once where the clock was set back', async () => {
    const { channel, server, client, rootVersion } = await heldBack();
    const early = await client.reopened({ url: server.url, date: () => daysFrom(channel.publishing.now, -1) });
    await early.check().catch(() => undefined);
    expect(rootVersion()).toBe(2);
  });
});

describe('a clock', () => {
  test('that is set back does not revive what has expired', async () => {
    const { channel, server, client } = await seenChannel();
    const at = (days: number) =>
      client.reopened({ url: server.url, date: () => daysFrom(channel.publishing.now, days) });
    await expect((await at(8)).check()).rejects.toMatchObject({ code: 'channel-expired' });
    await expect((await at(1)).check()).rejects.toMatchObject({ code: 'channel-expired' });
    await server.stop();
    await expect((await at(1)).check()).rejects.toMatchObject({ code: 'channel-expired' });
  });

  test.each([6.9, 8, 36_500])(
    'that was %d days ahead does no more harm once the channel is signed anew',
    async (days) => {
      const { channel, server, client, release } = await seenChannel();
      const at = (ahead: number) =>
        client.reopened({ url: server.url, date: () => daysFrom(channel.publishing.now, ahead) });
      await (await at(days)).check().catch(() => undefined);
      await refreshChannel(channel.at(daysFrom(channel.publishing.now, 0.5)));
      expect(await (await at(0.6)).check()).toMatchObject({ releases: [release] });
    },
  );

  test('tells when the channel was heard', async () => {
    const { client, channel, server } = await seenChannel();
    const fresh = await aClient({
      url: server.url,
      root: readFileSync(channel.rootPath),
      directory: temporaryFolder(),
    });
    expect(await fresh.heardAt()).toBeNull();
    expect((await client.heardAt())?.getTime()).toBeCloseTo(Date.now(), -6);
  });
});
