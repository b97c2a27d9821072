import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkAutomounter, checkTools } from '../../../../src/cli/commands/doctor/tools.ts';
import { temporaryFolder } from '../../harness.ts';

/** A folder of programs that can be run, and nothing in them. */
function programs(...names: readonly string[]): string {
  const folder = temporaryFolder();
  for (const name of names) writeFileSync(join(folder, name), '', { mode: 0o755 });
  return folder;
}

describe('macOS', () => {
  test('without diskutil nothing works', async () => {
    const found = await checkTools({ platform: 'darwin', variables: { PATH: programs('ioreg') } });
    expect(found.map(({ state }) => state)).toEqual(['broken', 'good']);
  });

  test('a file that cannot be run is no program', async () => {
    const folder = programs('ioreg');
    writeFileSync(join(folder, 'diskutil'), '', { mode: 0o644 });
    const [diskutil] = await checkTools({ platform: 'darwin', variables: { PATH: folder } });
    expect(diskutil?.state).toBe('broken');
  });
});

test('without udisksctl only root can mount, which is worth a note', async () => {
  const found = await checkTools({ platform: 'linux', variables: { PATH: programs('lsblk', 'umount', 'dd') } });
  const udisks = found.find(({ message }) => message.startsWith('udisksctl'));
  if (udisks?.state !== 'good')
    expect(udisks).toMatchObject({ state: 'note', remedy: expect.stringContaining('udisks2') });
  expect(found.find(({ message }) => message.startsWith('lsblk'))?.state).toBe('good');
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
