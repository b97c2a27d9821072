import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openChannel } from '../../src/channel/client.ts';
import { withdrawRelease } from '../../src/channel/publisher/edit.ts';
import { refreshChannel } from '../../src/channel/publisher/refresh.ts';
import { rotateKey } from '../../src/channel/publisher/rotate.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import { aChannel, aClient, daysFrom, imageOf, type TestChannel, temporaryFolder, urlOf } from './a-channel.ts';
import { aServer } from './a-server.ts';

const rootOf = ({ rootPath }: TestChannel): Buffer => readFileSync(rootPath);

async function served() {
  const channel = await aChannel();
  const release = await channel.add({ version: '1.1.0' });
  const server = await aServer(channel.folder);
  const client = await aClient({ url: server.url, root: rootOf(channel) });
  return { channel, release, server, client };
}

describe('a check', () => {
  test('shows the releases as they were published', async () => {
    const { client, release, channel } = await served();
    const view = await client.check();
    expect(view).toMatchObject({ releases: [release], freshness: 'fetched' });
    expect(view.expiresAt.getTime()).toBeCloseTo(daysFrom(channel.publishing.now, 7).getTime(), -4);
  });

  test('that finds nothing new costs one request without a body', async () => {
    const { client, server } = await served();
    expect((await client.check()).requests).toBe(4);
    const before = [server.asked.length, server.sentBytes()];
    expect(await client.check()).toMatchObject({ freshness: 'unchanged', requests: 1 });
    expect([server.asked.length, server.sentBytes()]).toEqual([(before[0] ?? 0) + 1, before[1]]);
  });

  test('costs one request also where the server knows no ETags', async () => {
    const { client, server } = await served();
    server.play((_, response, file) => {
      if (file !== null) response.end(file);
      return file !== null;
    });
    await client.check();
    expect(await client.check()).toMatchObject({ freshness: 'unchanged', requests: 1 });
  });

  test('after a daily refresh fetches the timestamp and looks for a newer root, no more', async () => {
    const { channel, client } = await served();
    await client.check();
    await refreshChannel(channel.publishing);
    expect(await client.check()).toMatchObject({ freshness: 'fetched', requests: 2 });
  });

  test('works from a folder too', async () => {
    const { channel, release } = await served();
    const client = await aClient({ url: urlOf(channel.folder), root: rootOf(channel) });
    expect(await client.check()).toMatchObject({ releases: [release], freshness: 'fetched' });
    expect(await client.check()).toMatchObject({ releases: [release], freshness: 'unchanged' });
    expect(readFileSync(await client.download(release))).toEqual(Buffer.from(imageOf({ version: '1.1.0' })));
  });

  test('can be called off', async () => {
    const { client, server } = await served();
    const controller = new AbortController();
    server.play(() => {
      controller.abort();
      return true;
    });
    await expect(client.check(controller.signal)).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('without network', () => {
  test('the last trusted state is used, and says so', async () => {
    const { client, server, release } = await served();
    await client.check();
    await server.stop();
    expect(await client.check()).toMatchObject({ releases: [release], freshness: 'offline' });
    expect(client.notices).toHaveLength(1);
  });

  test('the last trusted state is refused by name once it has expired', async () => {
    const { client, server, channel } = await served();
    await client.check();
    await server.stop();
    const later = await client.reopened({ url: server.url, date: () => daysFrom(channel.publishing.now, 8) });
    await expect(later.check()).rejects.toMatchObject({ code: 'channel-expired' });
  });

  test('a channel that was never seen is unreachable', async () => {
    const { client, server } = await served();
    await server.stop();
    await expect(client.check()).rejects.toMatchObject({ code: 'channel-unreachable' });
  });

  test('a check that breaks off in the middle leaves the old state whole', async () => {
    const { client, server, channel, release } = await served();
    await client.check();
    await channel.add({ version: '1.2.0' });
    server.play((request, response) => {
      if (!request.url?.includes('snapshot')) return false;
      response.destroy();
      return true;
    });
    expect(await client.check()).toMatchObject({ releases: [release], freshness: 'offline' });
    server.play(null);
    expect(await client.check()).toMatchObject({
      releases: [release, { version: { minor: 2 } }],
      freshness: 'fetched',
    });
  });

  test('a newer root that was seen counts, even if the rest could not be had: it may revoke a stolen key', async () => {
    const { client, server, channel } = await served();
    await client.check();
    await rotateKey(channel.publishing, 'timestamp');
    server.play((request, response) => {
      if (!request.url?.includes('snapshot')) return false;
      response.destroy();
      return true;
    });
    await expect(client.check()).rejects.toMatchObject({ code: 'channel-unreachable' });
    const { signed } = JSON.parse(readFileSync(join(client.directory, 'root.json'), 'utf8'));
    expect(signed.version).toBe(2);
  });

  test('an image that was fetched before can still be used', async () => {
    const { client, server, release } = await served();
    await client.check();
    const path = await client.download(release);
    await server.stop();
    expect(await client.download(release)).toBe(path);
  });
});

describe('what lies on this computer', () => {
  test('is for its user alone: folders 0700, files 0600', async () => {
    const { client, release } = await served();
    await client.check();
    await client.download(release);
    for (const folder of [client.directory, client.cache]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      for (const name of readdirSync(folder))
        expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  test('is not used when others can write to the folder of images', async () => {
    const { client, release } = await served();
    await client.check();
    await client.download(release);
    chmodSync(client.cache, 0o770);
    await expect(client.download(release)).rejects.toMatchObject({ code: 'channel-untrusted' });
  });

  test('is not used when others can write to the folder of metadata', async () => {
    const { client, server } = await served();
    await client.check();
    chmodSync(client.directory, 0o777);
    await expect(client.reopened({ url: server.url })).rejects.toMatchObject({ code: 'channel-untrusted' });
  });

  test.each(['timestamp', 'snapshot', 'targets'])(
    'a tampered %s.json is not trusted, but fetched again',
    async (role) => {
      const { client, server, release } = await served();
      await client.check();
      const path = join(client.directory, `${role}.json`);
      writeFileSync(path, readFileSync(path, 'utf8').replace('"version":', '"version": 1'));
      expect(await client.check()).toMatchObject({ freshness: 'fetched', releases: [release] });
      writeFileSync(path, '{}');
      await server.stop();
      await expect(client.check()).rejects.toMatchObject({ code: 'channel-unreachable' });
    },
  );

  test('a tampered image is fetched again; without network it is refused', async () => {
    const { client, server, release } = await served();
    await client.check();
    const path = await client.download(release);
    const sound = readFileSync(path);
    const tampered = Buffer.from(sound);
    tampered[100] = (tampered[100] ?? 0) ^ 1;
    writeFileSync(path, tampered);
    expect(readFileSync(await client.download(release))).toEqual(sound);
    writeFileSync(path, tampered);
    await server.stop();
    await expect(client.download(release)).rejects.toMatchObject({ code: 'channel-unreachable' });
  });

  test('holds no images of releases that are gone', async () => {
    const { client, channel, release } = await served();
    await client.check();
    await client.download(release);
    await withdrawRelease(channel.publishing, release.name);
    const next = await channel.add({ version: '1.2.0' });
    await client.check();
    await client.download(next);
    expect(readdirSync(client.cache)).toEqual([`${next.sha256}.image`]);
    await expect(client.download(release)).rejects.toMatchObject({ code: 'download-failed' });
  });
});

test('of two checks at once the slower does not take back what the other has learnt', async () => {
  const { client, server, channel } = await served();
  await client.check();
  await channel.add({ version: '1.2.0' });
  const old = channel.copy();
  const other = await client.reopened({ url: urlOf(channel.folder) });
  let isFirst = true;
  server.serve(old);
  server.play((request, response, file) => {
    if (!isFirst || !request.url?.includes('targets')) return false;
    isFirst = false;
    const meanwhile = async (): Promise<void> => {
      await channel.add({ version: '1.3.0' });
      await other.check();
      response.end(file);
    };
    void meanwhile();
    return true;
  });
  expect((await client.check()).releases).toHaveLength(2);
  expect(await other.check()).toMatchObject({ freshness: 'unchanged', releases: { length: 3 } });
});

describe('the trust root', () => {
  test('is pinned once; to give it again changes nothing', async () => {
    const { client, server, channel } = await served();
    await client.check();
    const again = await client.reopened({ url: server.url, root: rootOf(channel) });
    expect(await again.check()).toMatchObject({ freshness: 'unchanged' });
  });

  test('of another channel starts anew', async () => {
    const { client } = await served();
    await client.check();
    const other = await aChannel();
    const release = await other.add({ version: '3.0.0' });
    const moved = await client.reopened({ url: urlOf(other.folder), root: rootOf(other) });
    expect(await moved.check()).toMatchObject({ releases: [release], freshness: 'fetched' });
  });

  test('must be given at first, and be signed by its own keys', async () => {
    const { server, channel } = await served();
    await expect(aClient({ url: server.url })).rejects.toMatchObject({ code: 'channel-untrusted' });
    const forged = Buffer.from(rootOf(channel).toString().replace('"version":1', '"version":2'));
    await expect(aClient({ url: server.url, root: forged })).rejects.toMatchObject({ code: 'channel-untrusted' });
    await expect(aClient({ url: server.url, root: Buffer.from('no') })).rejects.toMatchObject({
      code: 'channel-untrusted',
    });
  });

  test('that was tampered with on this computer is refused', async () => {
    const { client } = await served();
    await client.check();
    rmSync(join(client.directory, 'root.json'));
    writeFileSync(join(client.directory, 'root.json'), '{}');
    await expect(client.check()).rejects.toMatchObject({ code: 'channel-untrusted' });
  });
});

test.each(['ftp://example.com/', 'nonsense', 'https://user:secret@example.com/', 'https://example.com/?q=1', 'data:,'])(
  '%s is no address of a channel',
  async (url) => {
    const place = temporaryFolder();
    const opened = openChannel({ families: FAMILIES, url, directory: place, cache: place });
    await expect(opened).rejects.toMatchObject({ code: 'usage', message: expect.not.stringContaining('secret') });
  },
);
