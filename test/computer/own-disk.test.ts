import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readTrustRoot } from '../../src/cli/commands/agent/agent-channel.ts';
import { makerKeys } from '../../src/cli/image/maker-keys.ts';
import { loadSettings } from '../../src/cli/settings/settings.ts';
import { onOwnDisk, openRegular, readIfThere } from '../../src/computer/own-disk.ts';
import { createRecordStore } from '../../src/computer/records.ts';
import { openPayload } from '../../src/image/source.ts';
import { temporaryFolder } from '../cli/harness.ts';

function pipe(...place: readonly string[]): string {
  const path = join(...(place.length === 0 ? [temporaryFolder(), 'pipe'] : place));
  execFileSync('mkfifo', [path]);
  return path;
}

describe.skipIf(process.platform === 'win32')('anything but a regular file is refused at once', () => {
  test('a pipe that nobody writes to, as a key: key-unusable', async () => {
    const settings = await loadSettings({ variables: { SPACEPACK_CONFIG_DIR: temporaryFolder() } });
    const keys = makerKeys([pipe()], settings, []);
    await expect(keys).rejects.toMatchObject({
      code: 'key-unusable',
      message: expect.stringContaining('not a regular file'),
    });
  });

  test('a pipe as the settings: own-disk', async () => {
    const folder = temporaryFolder();
    pipe(folder, 'settings.toml');
    await expect(loadSettings({ variables: { SPACEPACK_CONFIG_DIR: folder } })).rejects.toMatchObject({
      code: 'own-disk',
    });
  });

  test('a pipe as the image: image-unreadable', async () => {
    await expect(openPayload(pipe())).rejects.toMatchObject({ code: 'image-unreadable' });
  });

  test('a pipe in the place of an image that was looked at before: image-unreadable', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'firmware.dfu');
    writeFileSync(path, 'image');
    const source = await openPayload(path);
    execFileSync('mv', [pipe(folder, 'pipe'), path]);
    await expect(source.read()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'image-unreadable' });
  });

  test('a pipe as a trust root: usage', async () => {
    await expect(readTrustRoot(pipe())).rejects.toMatchObject({ code: 'usage' });
  });

  test('a pipe as a record counts as none, like any damaged one', async () => {
    const state = temporaryFolder();
    mkdirSync(join(state, 'records'));
    pipe(state, 'records', 'SP-0.json');
    expect(await createRecordStore(async () => state).list()).toEqual([]);
  });

  test('a socket, a device, a folder, and a link to a pipe', async () => {
    const folder = temporaryFolder();
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    await expect(openRegular(join(folder, 'socket'))).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(openRegular('/dev/zero')).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(openRegular(folder)).rejects.toMatchObject({ code: 'EISDIR' });
    symlinkSync(pipe(), join(folder, 'link'));
    await expect(openRegular(join(folder, 'link'))).rejects.toMatchObject({ code: 'EINVAL' });
    expect(await readIfThere(join(folder, 'nothing'))).toBeNull();
  });
});

test('a disk that does not answer is given up, and asked nothing more until it answers', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const closed: string[] = [];
  let answer: (value: string) => void = () => undefined;
  const hanging = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const first = onOwnDisk(
    '/nfs/home',
    () => hanging,
    (handle) => closed.push(handle),
  );
  const given = expect(first).rejects.toMatchObject({ code: 'own-disk' });
  await vi.advanceTimersByTimeAsync(20_000);
  await given;
  await expect(onOwnDisk('/nfs/home', async () => 'asked')).rejects.toMatchObject({ code: 'own-disk' });
  expect(await onOwnDisk('/elsewhere', async () => 'asked')).toBe('asked');
  answer('handle');
  await vi.waitFor(() => expect(closed).toEqual(['handle']));
  expect(await onOwnDisk('/nfs/home', async () => 'asked')).toBe('asked');
});
