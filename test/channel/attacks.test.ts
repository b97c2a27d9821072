import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TargetFile } from '@tufjs/models';
import { describe, expect, test } from 'vitest';
import { withdrawRelease } from '../../src/channel/publisher/edit.ts';
import { refreshChannel } from '../../src/channel/publisher/refresh.ts';
import { bytesOf, nextSnapshot, nextTargets, nextTimestamp, signWith } from '../../src/channel/publisher/repository.ts';
import { type KeyName, loadRoleKey, type RoleKey } from '../../src/channel/publisher/role-keys.ts';
import { createRoot, keysOf } from '../../src/channel/publisher/root.ts';
import { rotateKey } from '../../src/channel/publisher/rotate.ts';
import { metadataPath } from '../../src/channel/publisher/site.ts';
import type { Release } from '../../src/channel/release.ts';
import { tufTargetOf } from '../../src/channel/target.ts';
import { aChannel, aClient, daysFrom, IMPATIENT, PASSPHRASES, type TestChannel, type TestClient } from './a-channel.ts';
import { seenChannel } from './a-seen-channel.ts';
import { aServer } from './a-server.ts';
import { loadRepository } from './read-repository.ts';

const keyOf = ({ publishing }: TestChannel, name: KeyName): Promise<RoleKey> =>
  loadRoleKey(publishing.keys, name, PASSPHRASES);

const refused = (client: TestClient, code = 'channel-untrusted'): Promise<void> =>
  expect(client.check()).rejects.toMatchObject({ code });

describe('rollback', () => {
  test('to a whole older edition of the channel is refused', async () => {
    const { channel, server, client } = await seenChannel();
    const old = channel.copy();
    await channel.add({ version: '1.2.0' });
    await client.check();
    server.serve(old);
    await refused(client);
    server.serve(channel.folder);
    expect((await client.check()).releases).toHaveLength(2);
  });

  test('of the list of releases below a newer snapshot is refused', async () => {
    const { channel, client } = await seenChannel();
    await channel.add({ version: '1.2.0' });
    await client.check();
    const { snapshot, timestamp, targets } = await loadRepository(channel.folder);
    const now = channel.publishing.now;
    const older = nextTargets(1, Object.values(targets.signed.targets), [await keyOf(channel, 'targets')], now);
    const version = snapshot.signed.version + 1;
    const newer = nextSnapshot(version, older, [await keyOf(channel, 'snapshot')], now);
    const next = nextTimestamp(timestamp.signed.version + 1, newer, [await keyOf(channel, 'timestamp')], now);
    writeFileSync(metadataPath(channel.folder, '1.targets.json'), bytesOf(older));
    writeFileSync(metadataPath(channel.folder, `${version}.snapshot.json`), bytesOf(newer));
    writeFileSync(metadataPath(channel.folder, 'timestamp.json'), bytesOf(next));
    await refused(client);
  });

  test('of the root is refused: a revoked key does not come back', async () => {
    const { channel, client, server } = await seenChannel();
    const old = channel.copy();
    await rotateKey(channel.publishing, 'timestamp');
    await client.check();
    server.serve(old);
    await refused(client);
  });
});

describe('freeze', () => {
  test('an old timestamp is refused once it has expired', async () => {
    const { client, server, channel } = await seenChannel();
    const later = await client.reopened({ url: server.url, date: () => daysFrom(channel.publishing.now, 7.01) });
    await refused(later, 'channel-expired');
  });

  test('a server that says "unchanged" for ever is believed until the timestamp expires', async () => {
    const { client, server, channel } = await seenChannel();
    server.play((_, response) => {
      response.writeHead(304).end();
      return true;
    });
    expect(await client.check()).toMatchObject({ freshness: 'unchanged' });
    const later = await client.reopened({ url: server.url, date: () => daysFrom(channel.publishing.now, 7.01) });
    await refused(later, 'channel-expired');
  });

  test.each([
    ['timestamp', 8],
    ['snapshot', 22],
    ['targets', 181],
    ['root', 366],
  ] as const)('by the clock of the computer alone, an expired %s is refused', async (role, days) => {
    const now = new Date();
    const channel = await aChannel(daysFrom(now, -days));
    // All that is below it is fresh: it is this one part that has expired.
    const { targets, snapshot, timestamp, root } = await loadRepository(channel.folder);
    const key = async (name: KeyName): Promise<RoleKey[]> => [await keyOf(channel, name)];
    const fresh = {
      root: false,
      targets: role === 'root',
      snapshot: role !== 'snapshot',
      timestamp: role !== 'timestamp',
    };
    const listed = fresh.targets ? nextTargets(2, [], await key('targets'), now) : targets;
    const shot =
      fresh.snapshot && role !== 'timestamp' ? nextSnapshot(2, listed, await key('snapshot'), now) : snapshot;
    const stamp = fresh.timestamp ? nextTimestamp(2, shot, await key('timestamp'), now) : timestamp;
    const rootKeys = [...(await key('root-1')), ...(await key('root-2'))];
    if (role !== 'root') {
      writeFileSync(metadataPath(channel.folder, '2.root.json'), bytesOf(createRoot(2, keysOf(root), rootKeys, now)));
    }
    for (const [name, metadata] of Object.entries({ targets: listed, snapshot: shot })) {
      writeFileSync(metadataPath(channel.folder, `${metadata.signed.version}.${name}.json`), bytesOf(metadata));
    }
    writeFileSync(metadataPath(channel.folder, 'timestamp.json'), bytesOf(stamp));
    const server = await aServer(channel.folder);
    const client = await aClient({ url: server.url, root: readFileSync(channel.rootPath), date: () => new Date(0) });
    await refused(client, 'channel-expired');
  });
});

describe('mix-and-match', () => {
  test.each(['snapshot', 'targets'] as const)('an older %s under the name of the newest is refused', async (role) => {
    const { channel, client } = await seenChannel();
    await channel.add({ version: '1.2.0' });
    const { [role]: newest } = await loadRepository(channel.folder);
    const name = (version: number): string => metadataPath(channel.folder, `${version}.${role}.json`);
    writeFileSync(name(newest.signed.version), readFileSync(name(newest.signed.version - 1)));
    await refused(client);
  });

  test('another image under the name of a release is refused, and not kept', async () => {
    const { channel, client, release } = await seenChannel();
    const path = join(channel.folder, 'targets', `${release.sha256}.${release.name}`);
    writeFileSync(path, Buffer.alloc(release.sizeBytes, 'x'));
    await expect(client.download(release)).rejects.toMatchObject({ code: 'channel-untrusted' });
    expect(existsSync(join(client.cache, `${release.sha256}.dfu`))).toBe(false);
    expect(existsSync(join(client.cache, `${release.sha256}.part`))).toBe(false);
  });
});

describe('signatures', () => {
  async function publishSigned(
    channel: TestChannel,
    signers: { targets: RoleKey; snapshot: RoleKey; timestamp: RoleKey },
  ) {
    const { targets, snapshot, timestamp } = await loadRepository(channel.folder);
    const now = channel.publishing.now;
    const newTargets = nextTargets(targets.signed.version + 1, [], [signers.targets], now);
    const newSnapshot = nextSnapshot(snapshot.signed.version + 1, newTargets, [signers.snapshot], now);
    const newTimestamp = nextTimestamp(timestamp.signed.version + 1, newSnapshot, [signers.timestamp], now);
    writeFileSync(metadataPath(channel.folder, `${newTargets.signed.version}.targets.json`), bytesOf(newTargets));
    writeFileSync(metadataPath(channel.folder, `${newSnapshot.signed.version}.snapshot.json`), bytesOf(newSnapshot));
    writeFileSync(metadataPath(channel.folder, 'timestamp.json'), bytesOf(newTimestamp));
  }

  test.each(['targets', 'snapshot', 'timestamp'] as const)("a stranger's key for %s is refused", async (role) => {
    const { channel, client } = await seenChannel();
    const stranger = await aChannel();
    const own = {
      targets: await keyOf(channel, 'targets'),
      snapshot: await keyOf(channel, 'snapshot'),
      timestamp: await keyOf(channel, 'timestamp'),
    };
    await publishSigned(channel, { ...own, [role]: await keyOf(stranger, role) });
    await refused(client);
  });

  test('the online keys cannot sign releases: who breaks into the server gains nothing', async () => {
    const { channel, client } = await seenChannel();
    const [snapshot, timestamp] = [await keyOf(channel, 'snapshot'), await keyOf(channel, 'timestamp')];
    await publishSigned(channel, { targets: snapshot, snapshot, timestamp });
    await refused(client);
  });

  test('one root key of the two that are needed is refused', async () => {
    const { channel, client } = await seenChannel();
    const { root } = await loadRepository(channel.folder);
    const one = [await keyOf(channel, 'root-1')];
    const next = createRoot(2, keysOf(root), one, channel.publishing.now);
    // Before the root, which our own publisher would not go on with.
    await refreshChannel(channel.publishing);
    writeFileSync(metadataPath(channel.folder, '2.root.json'), bytesOf(next));
    await refused(client);
  });

  test('a root that only its own new keys signed is refused', async () => {
    const { channel, client } = await seenChannel();
    const stranger = await aChannel();
    const theirs = await Promise.all((['root-1', 'root-2', 'root-3'] as const).map((name) => keyOf(stranger, name)));
    const { root } = await loadRepository(stranger.folder);
    const next = createRoot(2, keysOf(root), theirs, channel.publishing.now);
    await refreshChannel(channel.publishing);
    writeFileSync(metadataPath(channel.folder, '2.root.json'), bytesOf(next));
    await refused(client);
  });

  test('one key under two names does not count twice', async () => {
    const { channel, client } = await seenChannel();
    const { root } = await loadRepository(channel.folder);
    const key = await keyOf(channel, 'root-1');
    const next = signWith(createRoot(2, keysOf(root), [key], channel.publishing.now), [key]);
    const json = JSON.parse(bytesOf(next).toString());
    json.signatures.push({ ...json.signatures[0], keyid: keysOf(root).root[1]?.keyID });
    await refreshChannel(channel.publishing);
    writeFileSync(metadataPath(channel.folder, '2.root.json'), JSON.stringify(json));
    await refused(client);
  });
});

describe('targets', () => {
  /** Publishes targets that our own publisher would refuse, signed with the right key. */
  async function publishTargets(channel: TestChannel, targets: readonly TargetFile[]): Promise<void> {
    const { snapshot, timestamp, targets: present } = await loadRepository(channel.folder);
    const now = channel.publishing.now;
    const listed = nextTargets(present.signed.version + 1, targets, [await keyOf(channel, 'targets')], now);
    const shot = nextSnapshot(snapshot.signed.version + 1, listed, [await keyOf(channel, 'snapshot')], now);
    const stamp = nextTimestamp(timestamp.signed.version + 1, shot, [await keyOf(channel, 'timestamp')], now);
    writeFileSync(metadataPath(channel.folder, `${listed.signed.version}.targets.json`), bytesOf(listed));
    writeFileSync(metadataPath(channel.folder, `${shot.signed.version}.snapshot.json`), bytesOf(shot));
    writeFileSync(metadataPath(channel.folder, 'timestamp.json'), bytesOf(stamp));
  }

  test.each([
    '../../evil.dfu',
    '/etc/passwd',
    'folder/../evil.dfu',
    './evil.dfu',
    'folder//evil.dfu',
    'a/b/c/d/evil.dfu',
    '..\\evil.dfu',
    'C:evil.dfu',
    '..',
    '.hidden',
    '%2e%2e%2fevil.dfu',
    'NUL',
    'com1.dfu',
    'evil.dfu?x',
    'evil.dfu#x',
    'evil\u0000.dfu',
    'evil.',
    `${'a'.repeat(101)}`,
    '',
  ])('the path trick %j is refused, the other releases stay', async (name) => {
    const { channel, client, release } = await seenChannel();
    const tricky: Release = { ...release, name };
    await publishTargets(channel, [tufTargetOf(release), tufTargetOf(tricky)]);
    expect((await client.check()).releases).toEqual([release]);
    expect(client.notices).toHaveLength(1);
    await expect(client.download(tricky)).rejects.toMatchObject({ code: 'download-failed' });
  });

  test('a release that its image does not bear out is refused, and not kept', async () => {
    const { channel, client, release } = await seenChannel();
    const boastful: Release = { ...release, version: { ...release.version, major: 9 } };
    await publishTargets(channel, [tufTargetOf(boastful)]);
    await client.check();
    await expect(client.download(boastful)).rejects.toMatchObject({ code: 'channel-malformed' });
    expect(existsSync(join(client.cache, `${release.sha256}.dfu`))).toBe(false);
  });

  test('a file that is no release is nobody’s business', async () => {
    const { channel, client, release } = await seenChannel();
    const other = new TargetFile({ path: 'docs/manual.pdf', length: 5, hashes: { sha256: 'a'.repeat(64) } });
    await publishTargets(channel, [tufTargetOf(release), other]);
    expect((await client.check()).releases).toEqual([release]);
    expect(client.notices).toEqual([]);
  });

  test('a release that was withdrawn is not downloaded any more', async () => {
    const { channel, client, release } = await seenChannel();
    await withdrawRelease(channel.publishing, release.name);
    expect((await client.check()).releases).toEqual([]);
    await expect(client.download(release)).rejects.toMatchObject({ code: 'download-failed' });
  });
});

describe('a bad server', () => {
  test('that sends a timestamp without end is not listened to', async () => {
    const { client, server } = await seenChannel();
    server.play((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1024, ' ')));
      };
      response.on('drain', more);
      more();
      return true;
    });
    expect(await client.check()).toMatchObject({ freshness: 'offline' });
  });

  test('that sends nothing at all is left after its time', async () => {
    const { client, server, release } = await seenChannel();
    server.play(() => true);
    const impatient = await client.reopened({ url: server.url, pace: IMPATIENT });
    expect(await impatient.check()).toMatchObject({ freshness: 'offline' });
    await expect(impatient.download(release)).rejects.toMatchObject({ code: 'channel-unreachable' });
  });

  test.each([
    ['to a file', 'file:///etc/passwd', 'channel-unreachable'],
    ['to another host in the clear', 'http://example.com/x', 'channel-unreachable'],
    ['in a circle', '/again', 'channel-unreachable'],
    ['to nonsense', 'http://', 'channel-unreachable'],
  ])('a hostile redirect %s is not followed', async (_, location, code) => {
    const { channel, server } = await seenChannel();
    const fresh = await aClient({ url: server.url, root: readFileSync(channel.rootPath) });
    const before = server.asked.length;
    server.play((_request, response) => {
      response.writeHead(302, { location }).end();
      return true;
    });
    await refused(fresh, code);
    expect(server.asked.length - before).toBeLessThanOrEqual(6);
  });

  test('a redirect on the same host is followed', async () => {
    const { channel, server, release } = await seenChannel();
    const fresh = await aClient({ url: new URL('moved/', server.url).href, root: readFileSync(channel.rootPath) });
    server.play((request, response) => {
      const path = request.url ?? '';
      if (path.startsWith('/moved/')) response.writeHead(301, { location: path.slice('/moved'.length) }).end();
      return path.startsWith('/moved/');
    });
    expect((await fresh.check()).releases).toEqual([release]);
  });
});
