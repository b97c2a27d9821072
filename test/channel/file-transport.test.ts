import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createFileTransport } from '../../src/channel/file-transport.ts';
import { temporaryFolder } from './a-channel.ts';

const statusOf = async (path: string): Promise<number> =>
  (await createFileTransport().get({ url: pathToFileURL(path) })).status;

describe.skipIf(process.platform === 'win32')('a channel in a folder', () => {
  test('has its regular files, and what is none counts as absent: nobody waits for a pipe', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), 'x');
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await statusOf(join(folder, 'file'))).toBe(200);
    for (const path of [
      '/dev/zero',
      ...['folder', 'nothing', 'file/below', 'pipe'].map((name) => join(folder, name)),
    ]) {
      expect([path, await statusOf(path)]).toEqual([path, 404]);
    }
  });
});
