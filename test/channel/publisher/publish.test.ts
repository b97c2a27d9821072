import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { editRelease } from '../../../src/channel/publisher/edit.ts';
import type * as ownDisk from '../../../src/computer/own-disk.ts';
import { aChannel, aClient, urlOf } from '../a-channel.ts';

/** Called after each file that is written whole; what it throws is a failure after the effect. */
let written: (path: string) => void = () => {};
vi.mock(import('../../../src/computer/own-disk.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    writeWhole: async (...args: Parameters<typeof ownDisk.writeWhole>) => {
      await real.writeWhole(...args);
      written(args[0]);
    },
  };
});

test.each([1, 2])(
  'where keeping what was published fails %i times after its effect, the next command goes on',
  async (times) => {
    const channel = await aChannel();
    const { name } = await channel.add({ version: '1.1.0' });
    let count = 0;
    written = (path) => {
      if (path !== join(channel.publishing.keys, 'published.json')) return;
      count += 1;
      // The first shows that it can be kept, before anything is published.
      if (count > 1 && count <= 1 + times)
        throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', syscall: 'fsync' });
    };
    await expect(editRelease(channel.publishing, name, { paused: true })).rejects.toThrow('EIO');
    written = () => {};
    const edited = await editRelease(channel.publishing, name, { rolloutPercent: 25 });
    const client = await aClient({ url: urlOf(channel.folder), root: readFileSync(channel.rootPath) });
    expect((await client.check()).releases).toEqual([edited]);
  },
);
