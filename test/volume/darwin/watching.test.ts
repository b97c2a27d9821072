import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { jumpingClock } from '../a-volume.ts';
import { aMac } from './a-mac.ts';

/** A share whose server is gone: whoever looks at it waits for ever. */
const SHARE = 'projects on a server';
const looks = vi.hoisted(() => ({ atShare: 0 }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const unlessShare =
    (name: 'lstat' | 'stat') =>
    (path: string): Promise<unknown> => {
      if (!path.endsWith(SHARE)) return real[name](path);
      looks.atShare += 1;
      return new Promise(() => undefined);
    };
  return { ...real, lstat: unlessShare('lstat'), stat: unlessShare('stat') };
});

test('a network share that does not answer holds up neither a listing nor a wait, and is looked at once', async () => {
  const mac = await aMac({ clock: jumpingClock() });
  mkdirSync(join(mac.mounts, SHARE));
  expect(await mac.volumes.list()).toHaveLength(1);
  expect(await mac.volumes.list()).toHaveLength(1);
  await mac.volumes.changed(mac.volumes.changeCount(), 1_000);
  mkdirSync(join(mac.mounts, 'another stick'));
  await mac.volumes.changed(mac.volumes.changeCount(), 3_600_000);
  expect(looks.atShare).toBe(1);
  await mac.volumes.dispose();
});
