import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { imageOf } from '../../../channel/a-channel.ts';
import { buildPayload } from '../../../fake-volume/index.ts';
import { type Ran, run, temporaryFile, temporaryFolder } from '../../harness.ts';

const PASSPHRASE = 'correct horse battery';
const SERVER = 'staple for the server';
const variables = { SPACEPACK_CHANNEL_PASSPHRASE: PASSPHRASE };
const both = { ...variables, SPACEPACK_CHANNEL_ONLINE_PASSPHRASE: SERVER };

interface Site {
  readonly folder: string;
  readonly keys: string;
  channel(command: string, ...rest: readonly string[]): Promise<Ran>;
}

async function aSite(): Promise<Site> {
  const place = temporaryFolder();
  const [folder, keys] = [join(place, 'site'), join(place, 'keys')];
  const channel = (command: string, ...rest: readonly string[]): Promise<Ran> =>
    run(['channel', command, folder, ...rest, '--keys', keys, '--json'], { variables });
  expect((await channel('init')).status).toBe(0);
  return { folder, keys, channel };
}

const verify = (channel: string, trust: string): Promise<Ran> =>
  run(['channel', 'verify', channel, '--trust', trust, '--json']);
const firmware = (version: string): string => temporaryFile('firmware.dfu', imageOf({ version }));

describe('a channel on the command line', () => {
  test('is made, filled, steered and walked', async () => {
    const { folder, keys, channel } = await aSite();
    const added = await channel('add', firmware('1.1.0'), '--rollout', '10', '--notes', temporaryFile('n', 'News\n'));
    expect(added).toMatchObject({ status: 0, result: { to: '1.1.0+0' } });
    const release = { event: 'release', name: 'spacepack-1.1.0.dfu', rolloutPercent: 10, notes: 'News' };
    expect(added.events).toContainEqual(expect.objectContaining(release));
    expect((await channel('rollout', '1.1.0', '50')).status).toBe(0);
    expect((await channel('pause', 'spacepack-1.1.0.dfu')).status).toBe(0);
    const trust = join(keys, 'root.json');
    const walked = await verify(folder, trust);
    expect(walked.status).toBe(0);
    expect(walked.events).toContainEqual(expect.objectContaining({ ...release, rolloutPercent: 50, paused: true }));
    expect((await channel('pause', '1.1.0', '--resume')).status).toBe(0);
    expect((await channel('rotate', 'timestamp')).status).toBe(0);
    expect((await channel('rotate')).status).toBe(0);
    expect((await channel('refresh', '--targets')).status).toBe(0);
    expect((await channel('withdraw', '1.1.0')).status).toBe(0);
    const { events, status } = await verify(folder, trust);
    expect([status, events.filter(({ event }) => event === 'release')]).toEqual([0, []]);
  });

  test('says that no client sees a list yet where the online keys are not', async () => {
    const { keys, folder, channel } = await aSite();
    renameSync(join(keys, 'online'), join(keys, 'elsewhere'));
    const { status, result, events } = await channel('add', firmware('1.1.0'));
    expect([status, result?.message]).toEqual([
      0,
      expect.stringContaining('No client sees it before the next refresh.'),
    ]);
    expect(events).toContainEqual(expect.objectContaining({ event: 'notice', code: 'channel' }));
    renameSync(join(keys, 'elsewhere'), join(keys, 'online'));
    const seen = async (): Promise<number> =>
      (await verify(folder, join(keys, 'root.json'))).events.filter(({ event }) => event === 'release').length;
    expect(await seen()).toBe(0);
    expect((await channel('refresh')).status).toBe(0);
    expect(await seen()).toBe(1);
  });

  test('tells where the trust root and the keys are', async () => {
    const place = temporaryFolder();
    const argv = ['channel', 'init', join(place, 'site'), '--keys', join(place, 'keys')];
    const { events } = await run([...argv, '--json'], { variables });
    const roles = events.flatMap((event) => (event.event === 'file' ? [event.role] : []));
    expect(roles).toEqual([...Array.from({ length: 6 }, () => 'private-key'), 'trust-root']);
  });

  test.each([
    ['rollout', ['9.9.9', '50'], 'usage'],
    ['rollout', ['1.1.0', '101'], 'usage'],
    ['rollout', ['1.1.0', 'half'], 'usage'],
    ['withdraw', ['9.9.9'], 'usage'],
    ['rotate', ['nobody'], 'usage'],
    ['add', ['/nowhere.dfu'], 'image-unreadable'],
    ['add', [temporaryFile('unsigned.dfu', buildPayload({ key: null }))], 'image-signature'],
    ['init', [], 'usage'],
  ])('%s %j is refused', async (command, rest, code) => {
    const { channel } = await aSite();
    await channel('add', firmware('1.1.0'));
    expect((await channel(command, ...rest)).result?.code).toBe(code);
  });

  test('checks the signature of an image with the key that is given', async () => {
    const { channel, folder } = await aSite();
    const key = new URL('../../../fixtures/images/maker.pub.pem', import.meta.url).pathname;
    const image = (name: string): string => new URL(`../../../fixtures/images/${name}`, import.meta.url).pathname;
    expect((await channel('add', image('stranger.dfu'), '--key', key)).result?.code).toBe('image-signature');
    expect(readdirSync(join(folder, 'targets'))).toEqual([]);
    expect((await channel('add', image('signed.dfu'), '--key', key)).status).toBe(0);
  });
});

describe('verify', () => {
  test('finds what a client would find: an image that was changed', async () => {
    const { folder, keys, channel } = await aSite();
    await channel('add', firmware('1.1.0'));
    const [name = ''] = readdirSync(join(folder, 'targets'));
    writeFileSync(join(folder, 'targets', name), 'other bytes');
    const { status, result } = await verify(folder, join(keys, 'root.json'));
    expect([status, result?.verdict]).toEqual([6, 'refused']);
  });

  test('walks from the trust root that clients have, never from the one in the folder', async () => {
    const { folder, keys } = await aSite();
    for (const channel of [folder, pathToFileURL(folder).href]) {
      expect((await run(['channel', 'verify', channel, '--json'])).result?.code).toBe('usage');
      expect((await verify(channel, join(keys, 'root.json'))).status).toBe(0);
    }
  });

  test('with the trust root of another channel refuses', async () => {
    const [one, other] = [await aSite(), await aSite()];
    expect((await verify(one.folder, join(other.keys, 'root.json'))).result?.code).toBe('channel-untrusted');
  });
});

describe('passphrases', () => {
  const argv = (place: string): readonly string[] => [
    'channel',
    'init',
    join(place, 'site'),
    '--keys',
    join(place, 'keys'),
  ];

  test('are asked for on a terminal, and only there', async () => {
    const place = temporaryFolder();
    expect((await run([...argv(place), '--json'])).result?.code).toBe('usage');
    expect(existsSync(join(place, 'site'))).toBe(false);
    const answer = [PASSPHRASE, PASSPHRASE, SERVER, SERVER];
    const { status, stdout } = await run(argv(place), { terminal: 80, answer });
    expect(status).toBe(0);
    expect(stdout).toContain('What to keep where');
    const refreshed = ['channel', 'refresh', join(place, 'site'), '--keys', join(place, 'keys')];
    const online = (passphrase: string) =>
      run(refreshed, { variables: { SPACEPACK_CHANNEL_ONLINE_PASSPHRASE: passphrase } });
    expect([(await online(SERVER)).status, (await online(PASSPHRASE)).status]).toEqual([0, 2]);
    const root = ['channel', 'rotate', join(place, 'site'), '--keys', join(place, 'keys')];
    expect((await run(root, { terminal: 80, answer: [PASSPHRASE, SERVER] })).status).toBe(0);
    expect((await run(root, { terminal: 80, answer: [SERVER, SERVER] })).status).toBe(2);
  });

  test('that a server must know are not those of the other keys', async () => {
    const place = temporaryFolder();
    expect((await run(argv(place), { terminal: 80, answer: PASSPHRASE })).status).toBe(2);
    expect(existsSync(join(place, 'keys', 'root'))).toBe(false);
  });

  test('never show up: not on the screen, not in JSON, not in a file', async () => {
    const place = temporaryFolder();
    const said: Ran[] = [];
    const site = ['--keys', join(place, 'keys')];
    said.push(await run([...argv(place)], { terminal: 80, answer: [PASSPHRASE, PASSPHRASE, SERVER, SERVER] }));
    said.push(await run(['channel', 'refresh', join(place, 'site'), ...site, '--json'], { variables: both }));
    const wrong = { SPACEPACK_CHANNEL_PASSPHRASE: 'wrong wrong wrong' };
    const refused = await run(['channel', 'refresh', join(place, 'site'), ...site, '--json'], { variables: wrong });
    expect(refused.result?.code).toBe('key-unusable');
    said.push(refused);
    for (const { stdout, stderr } of said)
      expect(stdout + stderr).not.toMatch(/correct horse|staple|wrong wrong|-----BEGIN/);
    const [, body = 'no key'] = readFileSync(join(place, 'keys', 'online', 'timestamp.pem'), 'utf8').split('\n');
    for (const { stdout, stderr } of said) expect(stdout + stderr).not.toContain(body.slice(20));
    const served = readdirSync(join(place, 'site'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    for (const { parentPath, name } of served) {
      expect(readFileSync(join(parentPath, name), 'utf8')).not.toMatch(/correct horse|staple|PRIVATE/);
    }
  });

  test('that are short are refused', async () => {
    const short = { SPACEPACK_CHANNEL_PASSPHRASE: 'short' };
    const { result } = await run([...argv(temporaryFolder()), '--json'], { variables: short });
    expect(result?.code).toBe('key-unusable');
  });

  test('of the server do not open what is kept offline', async () => {
    const place = temporaryFolder();
    await run(argv(place), { variables: both });
    const online = { SPACEPACK_CHANNEL_ONLINE_PASSPHRASE: 'staple for the server' };
    const rest = [join(place, 'site'), '--keys', join(place, 'keys'), '--json'];
    expect((await run(['channel', 'refresh', ...rest], { variables: online })).status).toBe(0);
    expect((await run(['channel', 'refresh', '--targets', ...rest], { variables: online })).result?.code).toBe('usage');
  });

  test('open no keys that lie in what is served', async () => {
    const place = temporaryFolder();
    const inside = ['channel', 'init', place, '--keys', join(place, 'keys'), '--json'];
    expect((await run(inside, { variables })).result?.code).toBe('usage');
  });
});
