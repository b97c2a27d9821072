import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createSystemVolumes } from '../../src/volume/system-volumes.ts';
import { aComputer, programs, ran } from './a-computer.ts';
import { mountedOf, pieces, QUICK, temporaryFolder } from './a-volume.ts';

/** A path's device number is 0 in Node.js 22.12 to 22.16, 24.0 and 24.1 on Windows, a handle's is not (libuv pull request 4698). */
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const withoutDevice =
    (name: 'lstat' | 'stat') =>
    async (path: string, options?: { bigint?: boolean }): Promise<unknown> => {
      const found: object = await real[name](path, options);
      return Object.assign(found, { dev: options?.bigint ? 0n : 0 });
    };
  return { ...real, lstat: withoutDevice('lstat'), stat: withoutDevice('stat') };
});

test('a volume is written to although paths have no device number', async () => {
  const { platform } = process;
  Object.defineProperty(process, 'platform', { value: 'win32' });
  onTestFinished(() => {
    Object.defineProperty(process, 'platform', { value: platform });
  });
  const base = await temporaryFolder();
  mkdirSync(join(base, 'E', 'SPACEPAK'), { recursive: true });
  const disks = readFileSync(new URL('win32/fixtures/disks.json', import.meta.url), 'utf8');
  const { run } = programs({
    'powershell.exe': (args) =>
      ran(
        Buffer.from(args.at(-1) ?? '', 'base64')
          .toString('utf16le')
          .includes("\n'same'")
          ? 'same'
          : disks,
      ),
  });
  const volumes = createSystemVolumes(
    aComputer({ platform: 'win32', run, letterRoot: (letter) => join(base, letter) }),
  );
  const mounted = await mountedOf(volumes);
  expect(mounted.mount.id).not.toContain('/0#');
  const data = new TextEncoder().encode('to be written');
  expect(await volumes.write(mounted, 'SPACEPAK/PAYLOAD.BIN', pieces(data), QUICK)).toBe(data.length);
});
