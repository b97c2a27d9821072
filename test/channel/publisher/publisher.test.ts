import { chmodSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { addRelease } from '../../../src/channel/publisher/add.ts';
import { editRelease, editReleases, withdrawRelease } from '../../../src/channel/publisher/edit.ts';
import { initChannel } from '../../../src/channel/publisher/init.ts';
import { refreshChannel } from '../../../src/channel/publisher/refresh.ts';
import { KEY_NAMES, keyPath } from '../../../src/channel/publisher/role-keys.ts';
import { rotateKey } from '../../../src/channel/publisher/rotate.ts';
import { openPayload } from '../../../src/image/source.ts';
import { FAMILIES } from '../../../src/protocol/families.ts';
import { compiled, killed, type Other, otherProcess } from '../../computer/a-process.ts';
import {
  aChannel,
  aClient,
  daysFrom,
  imageOf,
  PASSPHRASES,
  type TestChannel,
  temporaryFolder,
  urlOf,
} from '../a-channel.ts';
import { lookUp } from '../a-plain-client.ts';
import { loadRepository } from '../read-repository.ts';

const clientOf = ({ folder, rootPath }: TestChannel, date?: Date) =>
  aClient({ url: urlOf(folder), root: readFileSync(rootPath), ...(date && { date: () => date }) });

const versionsOf = async ({ folder }: TestChannel) => {
  const { root, targets, snapshot, timestamp } = await loadRepository(folder);
  return [root, targets, snapshot, timestamp].map(({ signed }) => signed.version);
};

describe('init', () => {
  test('makes six encrypted keys, each for its owner alone, apart by how far away they should be', async () => {
    const { publishing } = await aChannel();
    for (const name of KEY_NAMES) {
      const path = keyPath(publishing.keys, name);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readFileSync(path, 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    }
    expect(readdirSync(publishing.keys).sort()).toEqual(['online', 'published.json', 'root', 'root.json', 'targets']);
    expect(statSync(join(publishing.keys, 'root')).mode & 0o777).toBe(0o700);
  });

  test('asks for two of three root keys, and one for each other role', async () => {
    const { root } = await loadRepository((await aChannel()).folder);
    const roles = Object.entries(root.signed.roles).map(([name, { keyIDs, threshold }]) => [
      name,
      threshold,
      keyIDs.length,
    ]);
    expect(roles).toEqual([
      ['root', 2, 3],
      ['targets', 1, 1],
      ['snapshot', 1, 1],
      ['timestamp', 1, 1],
    ]);
    expect(new Set(Object.values(root.signed.roles).flatMap(({ keyIDs }) => keyIDs)).size).toBe(6);
  });

  test('never overwrites a channel or a key', async () => {
    const { publishing } = await aChannel();
    const before = readFileSync(keyPath(publishing.keys, 'root-1'));
    await expect(initChannel(publishing)).rejects.toMatchObject({ code: 'usage' });
    const elsewhere = { ...publishing, folder: join(temporaryFolder(), 'site') };
    await expect(initChannel(elsewhere)).rejects.toMatchObject({ code: 'usage' });
    rmSync(join(publishing.keys, 'root.json'));
    await expect(initChannel(elsewhere)).rejects.toMatchObject({ code: 'key-unusable' });
    expect(readFileSync(keyPath(publishing.keys, 'root-1'))).toEqual(before);
  });

  test('leaves no keys behind if it cannot make all of them', async () => {
    const place = temporaryFolder();
    const publishing = {
      folder: join(place, 'site'),
      keys: join(place, 'keys'),
      passphrases: PASSPHRASES,
      now: new Date(),
      families: FAMILIES,
    };
    const short = { ...PASSPHRASES, online: 'short' };
    await expect(initChannel({ ...publishing, passphrases: short })).rejects.toMatchObject({ code: 'key-unusable' });
    await expect(initChannel(publishing)).resolves.toBeDefined();
  });
});

describe('add', () => {
  test('takes version, hardware and security counter from the image', async () => {
    const channel = await aChannel();
    const image = { version: '1.2.3+4', hardware: 0x0100, securityCounter: 7 };
    const release = await channel.add(image, { rolloutPercent: 5, minBatteryPercent: 40, notes: 'News' });
    expect(release).toMatchObject({
      name: 'spacepack-1.2.3-4-0100.dfu',
      product: 'spacepack',
      hardware: ['0100'],
      version: { major: 1, minor: 2, revision: 3, build: 4 },
      securityCounter: 7,
      rolloutPercent: 5,
      minBatteryPercent: 40,
      notes: 'News',
    });
    expect((await (await clientOf(channel)).check()).releases).toEqual([release]);
  });

  test.each([
    ['an image that is none', Buffer.from('no image'), {}, 'image-truncated'],
    ['an image for an unknown product', imageOf({ version: '1.0.0', productId: 0x2222 }), {}, 'image-wrong-device'],
    [
      'other hardware than the image is for',
      imageOf({ version: '1.0.0', hardware: 0x0100 }),
      { hardware: ['0200'] },
      'image-wrong-hardware',
    ],
    ['hardware that is none', imageOf({ version: '1.0.0' }), { hardware: ['xyz'] }, 'usage'],
    ['more than all devices', imageOf({ version: '1.0.0' }), { rolloutPercent: 101 }, 'usage'],
    ['half a percent', imageOf({ version: '1.0.0' }), { rolloutPercent: 0.5 }, 'usage'],
    ['a battery that cannot be', imageOf({ version: '1.0.0' }), { minBatteryPercent: -1 }, 'usage'],
    ['notes without end', imageOf({ version: '1.0.0' }), { notes: 'x'.repeat(4001) }, 'usage'],
  ])('refuses %s, and publishes nothing', async (_, bytes, wishes, code) => {
    const channel = await aChannel();
    const image = join(temporaryFolder(), 'image.dfu');
    writeFileSync(image, bytes);
    const usual = { minBatteryPercent: 0, notes: '', rolloutPercent: 100, paused: false, publicKeys: [] };
    const added = addRelease(channel.publishing, { image: await openPayload(image), ...usual, ...wishes });
    await expect(added).rejects.toMatchObject({ code });
    expect(await versionsOf(channel)).toEqual([1, 1, 1, 1]);
    expect(readdirSync(join(channel.folder, 'targets'))).toEqual([]);
  });

  test('refuses a version that was published: what a version is never changes', async () => {
    const channel = await aChannel();
    await channel.add({ version: '1.1.0', hardware: 0x0100 });
    await expect(channel.add({ version: '1.1.0', sizeBytes: 9 })).rejects.toMatchObject({ code: 'usage' });
    await expect(channel.add({ version: '1.1.0', hardware: 0x0200 })).resolves.toBeDefined();
  });

  test('needs the keys of this very channel', async () => {
    const [channel, other] = [await aChannel(), await aChannel()];
    const publishing = { ...channel.publishing, keys: other.publishing.keys };
    await expect(refreshChannel(publishing)).rejects.toMatchObject({ code: 'channel-changed' });
    expect(await versionsOf(channel)).toEqual([1, 1, 1, 1]);
  });

  test.each([
    [
      'a wrong passphrase',
      (channel: TestChannel) => ({ ...channel.publishing, passphrases: { offline: 'wrong', online: 'wrong' } }),
    ],
    [
      'a key that others can read',
      (channel: TestChannel) => {
        chmodSync(keyPath(channel.publishing.keys, 'timestamp'), 0o644);
        return channel.publishing;
      },
    ],
    [
      'a key that is missing',
      (channel: TestChannel) => {
        rmSync(keyPath(channel.publishing.keys, 'timestamp'));
        return channel.publishing;
      },
    ],
  ])('refuses %s, and tells no passphrase', async (_, change) => {
    const channel = await aChannel();
    const refusal = refreshChannel(change(channel));
    await expect(refusal).rejects.toMatchObject({
      code: 'key-unusable',
      message: expect.not.stringMatching(/wrong'|staple|horse/),
    });
  });
});

describe('rollout, pause, withdraw', () => {
  test('change what clients see, by name or by version', async () => {
    const channel = await aChannel();
    const release = await channel.add({ version: '1.1.0' });
    const client = await clientOf(channel);
    await editRelease(channel.publishing, '1.1.0', { rolloutPercent: 25 });
    expect((await client.check()).releases).toEqual([{ ...release, rolloutPercent: 25 }]);
    await editRelease(channel.publishing, release.name, { paused: true });
    expect((await client.check()).releases).toEqual([{ ...release, rolloutPercent: 25, paused: true }]);
    await withdrawRelease(channel.publishing, '1.1.0');
    expect((await client.check()).releases).toEqual([]);
    expect(readdirSync(join(channel.folder, 'targets'))).toEqual([]);
  });

  test('of a release that is not there, or not the only one, are refused', async () => {
    const channel = await aChannel();
    await channel.add({ version: '1.1.0', hardware: 0x0100 });
    await channel.add({ version: '1.1.0', hardware: 0x0200 });
    await expect(withdrawRelease(channel.publishing, '9.9.9')).rejects.toMatchObject({ code: 'usage' });
    await expect(withdrawRelease(channel.publishing, '1.1.0')).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('refresh', () => {
  test('needs the online keys and their passphrase alone', async () => {
    const channel = await aChannel();
    for (const folder of ['root', 'targets']) rmSync(join(channel.publishing.keys, folder), { recursive: true });
    const passphrases = { offline: 'not known on the server', online: PASSPHRASES.online };
    await refreshChannel({ ...channel.publishing, passphrases });
    expect(await versionsOf(channel)).toEqual([1, 1, 1, 2]);
  });

  test('day by day keeps the channel alive, and reminds of what people must do', async () => {
    const channel = await aChannel();
    const days = Array.from({ length: 30 }, (_, index) => (index + 1) * 5);
    let reminders: readonly string[] = [];
    for (const day of days) {
      const now = daysFrom(channel.publishing.now, day);
      const refreshed = await refreshChannel(channel.at(now));
      expect(refreshed.expiresAt.getTime()).toBeGreaterThan(daysFrom(now, 4).getTime());
      reminders = refreshed.reminders;
    }
    expect(reminders).toEqual([expect.stringContaining('targets')]);
    const [, targets, snapshot, timestamp] = await versionsOf(channel);
    expect([targets, timestamp]).toEqual([1, 31]);
    expect(snapshot).toBeLessThan(31);
  });
});

describe('rotate', () => {
  test.each(KEY_NAMES)('%s: clients follow by themselves, the old key is worth nothing', async (name) => {
    const channel = await aChannel();
    const release = await channel.add({ version: '1.1.0' });
    const client = await clientOf(channel);
    await client.check();
    const { key } = await rotateKey(channel.publishing, name);
    await refreshChannel(channel.publishing);
    expect(await client.check()).toMatchObject({ releases: [release], freshness: 'fetched' });
    expect(await (await clientOf(channel)).check()).toMatchObject({ releases: [release] });
    // The old key in its old place: nobody believes it any more.
    const path = keyPath(channel.publishing.keys, name);
    writeFileSync(path, readFileSync(key?.retired ?? ''), { mode: 0o600 });
    const others = name === 'root-1' ? ['root-2'] : ['root-1'];
    for (const other of ['root-1', 'root-2', 'root-3'] as const) {
      if (name.startsWith('root') && other !== name && !others.includes(other))
        rmSync(keyPath(channel.publishing.keys, other));
    }
    const use = name.startsWith('root')
      ? rotateKey(channel.publishing, null)
      : editRelease(channel.publishing, '1.1.0', { paused: true });
    await expect(use).rejects.toMatchObject({ code: 'key-unusable' });
  });

  test.each(['targets', 'snapshot', 'timestamp'] as const)(
    '%s: no client is locked out while it is published',
    async (name) => {
      const channel = await aChannel();
      await channel.add({ version: '1.1.0' });
      const client = await clientOf(channel);
      await client.check();
      await rotateKey(channel.publishing, name);
      // As if the new root had not gone out yet.
      rmSync(join(channel.folder, 'metadata', '2.root.json'));
      expect(await client.check()).toMatchObject({ freshness: 'fetched' });
    },
  );

  test.each(['targets', 'timestamp', 'root-2'] as const)('%s: also if the old key is lost', async (name) => {
    const channel = await aChannel();
    await channel.add({ version: '1.1.0' });
    const client = await clientOf(channel);
    await client.check();
    rmSync(keyPath(channel.publishing.keys, name));
    await rotateKey(channel.publishing, name);
    await refreshChannel(channel.publishing);
    expect(await client.check()).toMatchObject({ freshness: 'fetched' });
  });

  test('all of them, one after the other: the first trust root still leads to the last', async () => {
    const channel = await aChannel();
    const release = await channel.add({ version: '1.1.0' });
    for (const name of KEY_NAMES) await rotateKey(channel.publishing, name);
    await refreshChannel(channel.publishing);
    const view = await (await clientOf(channel)).check();
    expect(view.releases).toEqual([release]);
    expect((await versionsOf(channel))[0]).toBe(7);
  });

  test('with one root key alone is refused, and leaves keys and channel as they were', async () => {
    const channel = await aChannel();
    for (const name of ['root-1', 'root-2'] as const) rmSync(keyPath(channel.publishing.keys, name));
    await expect(rotateKey(channel.publishing, 'targets')).rejects.toMatchObject({ code: 'key-unusable' });
    expect(readdirSync(join(channel.publishing.keys, 'targets'))).toEqual(['targets.pem']);
    expect(await versionsOf(channel)).toEqual([1, 1, 1, 1]);
  });

  test('of no key gives the trust root another year', async () => {
    const channel = await aChannel();
    const now = daysFrom(channel.publishing.now, 300);
    await rotateKey(channel.at(now), null);
    const { root } = await loadRepository(channel.folder);
    expect(new Date(root.signed.expires).getTime()).toBeGreaterThan(daysFrom(now, 364).getTime());
  });
});

test('what is published, a plain TUF client reads that knows nothing of ours', async () => {
  const channel = await aChannel();
  await rotateKey(channel.publishing, 'snapshot');
  const release = await channel.add({ version: '1.1.0' });
  expect(await lookUp(channel, release.name)).toEqual(Buffer.from(imageOf({ version: '1.1.0' })));
});

describe('several publishers at once', () => {
  const module = compiled('src/channel/publisher/edit.ts');

  /** Another process that is in the midst of publishing, and stays there. */
  const midway = ({ publishing }: TestChannel): Promise<Other> =>
    otherProcess(
      `const { editReleases } = await import(${JSON.stringify(module)});
      await editReleases({ folder: ${JSON.stringify(publishing.folder)}, keys: ${JSON.stringify(publishing.keys)} }, () => {
        process.stdout.write('publishing\\n');
        return new Promise((resolve) => setTimeout(resolve, 3_600_000));
      });`,
    );

  test('the second is refused, and told which process publishes', async () => {
    const channel = await aChannel();
    const { child } = await midway(channel);
    await expect(refreshChannel(channel.publishing)).rejects.toMatchObject({
      code: 'channel-busy',
      message: expect.stringContaining(`process ${child.pid} `),
    });
    expect(await versionsOf(channel)).toEqual([1, 1, 1, 1]);
  });

  test('a folder that is not there is refused as one without a channel', async () => {
    const { publishing } = await aChannel();
    const folder = join(temporaryFolder(), 'nowhere');
    await expect(refreshChannel({ ...publishing, folder })).rejects.toMatchObject({ code: 'usage' });
  });

  test('the folder is the same one behind a link', async () => {
    const channel = await aChannel();
    await midway(channel);
    const folder = join(temporaryFolder(), 'link');
    symlinkSync(channel.folder, folder);
    await expect(refreshChannel({ ...channel.publishing, folder })).rejects.toMatchObject({ code: 'channel-busy' });
  });

  test('after one was killed while it published, one at a time goes on, and no release is lost', async () => {
    const channel = await aChannel();
    const release = await channel.add({ version: '1.0.0' });
    const published: string[] = [release.name];
    const [rounds, publishers] = [10, 8];
    let [present, most] = [0, 0];
    for (let round = 0; round < rounds; round += 1) {
      await killed(await midway(channel));
      const runs = Array.from({ length: publishers }, async (_, publisher) => {
        const name = `r${round}-${publisher}.dfu`;
        // One comes a little after the other: whatever one of them does, another one has just looked.
        for (let turns = 0; turns < publisher * (round + 1); turns += 1) await setImmediate();
        await editReleases(channel.publishing, async (releases) => {
          present += 1;
          most = Math.max(most, present);
          for (let turns = 0; turns < 50; turns += 1) await setImmediate();
          present -= 1;
          return { releases: [...releases, { ...release, name }], result: null };
        });
        published.push(name);
      });
      const ends = await Promise.allSettled(runs);
      const refused = ends.filter((end) => end.status === 'rejected').map((end): unknown => end.reason);
      for (const reason of refused) expect(reason).toMatchObject({ code: 'channel-busy' });
      expect(refused.length).toBeLessThan(publishers);
    }
    expect(most).toBe(1);
    const { targets } = await loadRepository(channel.folder);
    expect(Object.keys(targets.signed.targets).sort()).toEqual(published.sort());
  }, 60_000);
});
