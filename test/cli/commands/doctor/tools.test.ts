import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkAutomounter, checkTools } from '../../../../src/cli/commands/doctor/tools.ts';
import { temporaryFolder } from '../../harness.ts';

/** A computer on which these files can be run, and no others. */
const only =
  (...files: readonly string[]) =>
  async (file: string): Promise<void> => {
    if (!files.includes(file)) throw new Error(`${file} is not there`);
  };

const user = { uid: 1000, variables: {} };

describe('macOS', () => {
  test('without diskutil nothing works', async () => {
    const found = await checkTools({ ...user, platform: 'darwin' }, only('/usr/sbin/ioreg'));
    expect(found.map(({ state }) => state)).toEqual(['broken', 'good']);
  });

  test('a diskutil in PATH is not the one of the system', async () => {
    const mine = { platform: 'darwin', uid: 501, variables: { PATH: '/Users/me/bin' } } as const;
    const [diskutil] = await checkTools(mine, only('/Users/me/bin/diskutil'));
    expect(diskutil?.state).toBe('broken');
  });
});

test('a file that cannot be run is no program', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'udisksctl'), '', { mode: 0o644 });
  const found = await checkTools({ platform: 'linux', uid: 1000, variables: { PATH: folder } });
  const udisks = found.find(({ message }) => message.startsWith('udisksctl'));
  expect(udisks?.state === 'good').toBe(existsSync('/usr/bin/udisksctl'));
});

test('without udisksctl only root can mount, which is worth a note', async () => {
  const home = { platform: 'linux', uid: 1000, variables: { PATH: '/home/me/bin' } } as const;
  const found = await checkTools(home, only('/home/me/bin/lsblk', '/sbin/umount', '/bin/dd'));
  expect(found.find(({ message }) => message.startsWith('udisksctl'))).toMatchObject({
    state: 'note',
    remedy: expect.stringContaining('udisks2'),
  });
  expect(found.filter(({ state }) => state === 'good').map(({ message }) => message.split(' ')[0])).toEqual([
    'lsblk',
    'umount',
    'dd',
  ]);
});

describe('who mounts', () => {
  function processes(...names: readonly string[]): string {
    const folder = temporaryFolder();
    for (const [index, name] of names.entries()) {
      mkdirSync(join(folder, String(index + 1)));
      writeFileSync(join(folder, String(index + 1), 'comm'), `${name}\n`);
    }
    mkdirSync(join(folder, 'self'));
    return folder;
  }

  test('a desktop', async () => {
    expect(await checkAutomounter('linux', processes('init', 'gvfs-udisks2-vo'))).toMatchObject({ state: 'good' });
  });

  test('nobody, on a headless computer', async () => {
    expect(await checkAutomounter('linux', processes('init', 'bash'))).toMatchObject({ state: 'note' });
  });

  test('macOS itself', async () => {
    expect(await checkAutomounter('darwin')).toMatchObject({ state: 'good' });
  });
});
