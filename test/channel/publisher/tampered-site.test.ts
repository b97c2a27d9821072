import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { editRelease, editReleases, withdrawRelease } from '../../../src/channel/publisher/edit.ts';
import { refreshChannel } from '../../../src/channel/publisher/refresh.ts';
import { bytesOf } from '../../../src/channel/publisher/repository.ts';
import { KEY_NAMES, keyPath, loadRoleKey } from '../../../src/channel/publisher/role-keys.ts';
import { createRoot, keysOf } from '../../../src/channel/publisher/root.ts';
import { rotateKey } from '../../../src/channel/publisher/rotate.ts';
import { aChannel, aClient, PASSPHRASES, type TestChannel, temporaryFolder, urlOf } from '../a-channel.ts';
import { loadRepository } from '../read-repository.ts';

/** Whoever can write to the served folder, and has no key of the channel. */
let channel: TestChannel;
let trust: Buffer;
const path = (...names: readonly string[]): string => join(channel.folder, ...names);
const metadata = (name: string): string => path('metadata', name);
const change = (name: string, how: (json: never) => unknown): void =>
  writeFileSync(metadata(name), `${JSON.stringify(how(JSON.parse(readFileSync(metadata(name), 'utf8')) as never))}\n`);

beforeEach(async () => {
  channel = await aChannel();
  trust = readFileSync(metadata('1.root.json'));
  await channel.add({ version: '1.1.0' });
});

/** Every command of the maker that signs. */
const commands: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['add', () => channel.add({ version: '1.9.0' })],
  ['rollout', () => editRelease(channel.publishing, '1.1.0', { rolloutPercent: 50 })],
  ['withdraw', () => withdrawRelease(channel.publishing, '1.1.0')],
  ['refresh', () => refreshChannel(channel.publishing)],
  ['refresh --targets', () => editReleases(channel.publishing, (releases) => ({ releases, result: null }), true)],
  ['rotate', () => rotateKey(channel.publishing, null)],
  ['rotate targets', () => rotateKey(channel.publishing, 'targets')],
];

const allBytes = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const file = join(parentPath, name);
        return [file, createHash('sha256').update(readFileSync(file)).digest('hex')];
      }),
  );

/** Every command finds it out, and signs nothing. */
async function foundOut(): Promise<void> {
  const before = allBytes(channel.folder);
  for (const [name, command] of commands) {
    await expect(command(), name).rejects.toMatchObject({ code: 'channel-changed' });
  }
  expect(allBytes(channel.folder)).toEqual(before);
}

type List = { signed: { targets: Record<string, object> } };

describe('nothing is signed that the keys of the channel have not signed', () => {
  test('a release that was added to the list', async () => {
    const foreign = { length: 9, hashes: { sha256: 'a'.repeat(64) }, custom: { spacepack: { format: 1 } } };
    change('2.targets.json', ({ signed, ...rest }: List & object) => ({
      ...rest,
      signed: { ...signed, targets: { ...signed.targets, 'evil.dfu': foreign } },
    }));
    await foundOut();
  });

  test('a rollout that was widened', async () => {
    writeFileSync(
      metadata('2.targets.json'),
      readFileSync(metadata('2.targets.json'), 'utf8').replace('"rollout":100', '"rollout":99'),
    );
    await foundOut();
  });

  test('a root key that was added to the trust root: no rotation signs it', async () => {
    const stranger = await aChannel();
    const theirs = JSON.parse(readFileSync(join(stranger.folder, 'metadata', '1.root.json'), 'utf8')).signed;
    change('1.root.json', (json: { signed: { keys: object; roles: { root: { keyids: string[] } } } }) => {
      Object.assign(json.signed.keys, theirs.keys);
      json.signed.roles.root.keyids.push(...theirs.roles.root.keyids);
      return json;
    });
    await foundOut();
  });

  test("a next root with a stranger's root keys, which names our other keys", async () => {
    const stranger = await aChannel();
    const [ours, theirs] = [await loadRepository(channel.folder), await loadRepository(stranger.folder)];
    const signers = await Promise.all(
      (['root-1', 'root-2'] as const).map((name) => loadRoleKey(stranger.publishing.keys, name, PASSPHRASES)),
    );
    const keys = { ...keysOf(ours.root), root: keysOf(theirs.root).root };
    writeFileSync(metadata('2.root.json'), bytesOf(createRoot(2, keys, signers, new Date())));
    await foundOut();
  });

  test('a whole channel of a stranger', async () => {
    const stranger = await aChannel();
    await stranger.add({ version: '9.0.0' });
    rmSync(channel.folder, { recursive: true });
    cpSync(stranger.folder, channel.folder, { recursive: true });
    await foundOut();
  });

  test.each(['2.root.json', '3.targets.json', 'timestamp.json'])(
    "a stranger's %s, with the version that is next",
    async (name) => {
      const stranger = await aChannel();
      for (const version of ['9.0.0', '9.1.0']) await stranger.add({ version });
      await rotateKey(stranger.publishing, null);
      cpSync(join(stranger.folder, 'metadata', name), metadata(name));
      await foundOut();
    },
  );

  test('our own list in other bytes, whose digest would no longer be what the snapshot names', async () => {
    writeFileSync(metadata('2.targets.json'), ` ${readFileSync(metadata('2.targets.json'), 'utf8')}`);
    await foundOut();
  });
});

describe('nothing that was published comes back', () => {
  test('an older list: a pause is not undone', async () => {
    const before = channel.copy();
    await editRelease(channel.publishing, '1.1.0', { paused: true });
    rmSync(channel.folder, { recursive: true });
    renameSync(before, channel.folder);
    await foundOut();
  });

  test('an older list under a newer number', async () => {
    await editRelease(channel.publishing, '1.1.0', { paused: true });
    cpSync(metadata('2.targets.json'), metadata('4.targets.json'));
    await foundOut();
  });

  test('a list that was deleted', async () => {
    rmSync(metadata('2.targets.json'));
    await foundOut();
  });

  test('a root that was deleted: a stolen key is not trusted again', async () => {
    await rotateKey(channel.publishing, 'targets');
    rmSync(metadata('2.root.json'));
    await foundOut();
  });

  test('a timestamp that was deleted or is older is made again, with a version that clients take', async () => {
    const client = await aClient({ url: urlOf(channel.folder), root: trust });
    const old = readFileSync(metadata('timestamp.json'));
    await refreshChannel(channel.publishing);
    await client.check();
    for (const harm of [
      () => rmSync(metadata('timestamp.json')),
      () => writeFileSync(metadata('timestamp.json'), old),
    ]) {
      harm();
      await refreshChannel(channel.publishing);
      expect(await client.check()).toMatchObject({ freshness: 'fetched' });
    }
  });
});

describe('no link is followed', () => {
  test.each(['3.targets.json', '3.snapshot.json', '2.root.json'])('from %s', async (name) => {
    const victim = join(temporaryFolder(), '.bashrc');
    writeFileSync(victim, 'mine');
    symlinkSync(victim, metadata(name));
    for (const [, command] of commands) await command().catch(() => {});
    expect(readFileSync(victim, 'utf8')).toBe('mine');
  });

  test.each(['3.targets.json', 'timestamp.json'])('from %s to a file that is not there', async (name) => {
    const victim = join(temporaryFolder(), 'profile');
    rmSync(metadata(name), { force: true });
    symlinkSync(victim, metadata(name));
    for (const [, command] of commands) await command().catch(() => {});
    expect(existsSync(victim)).toBe(false);
  });

  test.each(['metadata', 'targets'])('in place of the folder %s', async (name) => {
    const elsewhere = join(temporaryFolder(), 'elsewhere');
    renameSync(path(name), elsewhere);
    symlinkSync(elsewhere, path(name));
    const before = allBytes(elsewhere);
    for (const [label, command] of commands) {
      await expect(command(), label).rejects.toMatchObject({ code: 'channel-changed' });
    }
    expect(allBytes(elsewhere)).toEqual(before);
  });
});

test('metadata without end is not read: what is not signed is not parsed', async () => {
  writeFileSync(metadata('3.targets.json'), Buffer.alloc(5_000_001, ' '));
  await foundOut();
});

test('a command that was cut off before it remembered what it published: the next one goes on from there', async () => {
  const client = await aClient({ url: urlOf(channel.folder), root: trust });
  const memory = join(channel.publishing.keys, 'published.json');
  const kept = readFileSync(memory);
  for (const [name, command] of commands.filter(([label]) => label !== 'withdraw')) {
    await command();
    // As if the power had failed a moment earlier.
    writeFileSync(memory, kept);
    await refreshChannel(channel.publishing);
    expect(await client.check(), name).toMatchObject({ freshness: 'fetched' });
  }
});

test('nothing is announced that could not be remembered', async () => {
  const memory = join(channel.publishing.keys, 'published.json');
  const kept = readFileSync(memory);
  const before = readFileSync(metadata('timestamp.json'));
  const edited = editReleases(channel.publishing, () => {
    rmSync(memory);
    mkdirSync(memory);
    return { releases: [], result: null };
  });
  await expect(edited).rejects.toThrow();
  expect(readFileSync(metadata('timestamp.json'))).toEqual(before);
  expect(existsSync(metadata('3.targets.json'))).toBe(false);
  rmSync(memory, { recursive: true });
  writeFileSync(memory, kept);
  await refreshChannel(channel.publishing);
});

test('what a command that failed would have said is not said by the next one', async () => {
  // The list can be written, the snapshot after it cannot.
  mkdirSync(metadata('3.snapshot.json'));
  await expect(editRelease(channel.publishing, '1.1.0', { rolloutPercent: 77 })).rejects.toThrow();
  rmSync(metadata('3.snapshot.json'), { recursive: true });
  await refreshChannel(channel.publishing);
  const client = await aClient({ url: urlOf(channel.folder), root: trust });
  expect((await client.check()).releases[0]?.rolloutPercent).toBe(100);
});

describe('the keys folder', () => {
  test('of a channel made before has no trust root: none is adopted from the site', async () => {
    rmSync(join(channel.publishing.keys, 'root.json'));
    for (const [, command] of commands) await expect(command()).rejects.toMatchObject({ code: 'usage' });
    writeFileSync(join(channel.publishing.keys, 'root.json'), trust);
    rmSync(join(channel.publishing.keys, 'published.json'));
    await refreshChannel(channel.publishing);
    expect(existsSync(join(channel.publishing.keys, 'published.json'))).toBe(true);
  });

  test.skipIf(process.platform === 'win32')('that others can write to is refused', async () => {
    chmodSync(channel.publishing.keys, 0o777);
    await expect(refreshChannel(channel.publishing)).rejects.toMatchObject({ code: 'key-unusable' });
  });

  test.skipIf(process.platform === 'win32').each(['root.json', 'published.json'])(
    'in which others can write to %s is refused',
    async (name) => {
      chmodSync(join(channel.publishing.keys, name), 0o666);
      await expect(refreshChannel(channel.publishing)).rejects.toMatchObject({ code: 'key-unusable' });
    },
  );

  test('with a memory that is damaged is refused', async () => {
    writeFileSync(join(channel.publishing.keys, 'published.json'), '{}');
    await expect(refreshChannel(channel.publishing)).rejects.toMatchObject({ code: 'key-unusable' });
  });

  test.each(KEY_NAMES)('never leaks: %s is not in the site', (name) => {
    const secret = readFileSync(keyPath(channel.publishing.keys, name), 'utf8').split('\n')[1] ?? '';
    mkdirSync(path('extra'), { recursive: true });
    for (const file of Object.keys(allBytes(channel.folder))) expect(readFileSync(file, 'utf8')).not.toContain(secret);
  });
});
