import { chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { partialFile } from '../../src/channel/partial-file.ts';
import { openOwnFolder } from '../../src/channel/state-folder.ts';
import { makeOwnFolder, writeWhole } from '../../src/computer/own-disk.ts';
import { temporaryFolder } from '../volume/a-volume.ts';

const USER = 4711;
const ownerOf = (path: string): readonly number[] => [statSync(path).uid, statSync(path).gid];

/** A user's home, as `sudo` leaves it in HOME. */
async function aHome(): Promise<string> {
  const home = join(await temporaryFolder(), 'home');
  mkdirSync(home);
  chownSync(home, USER, USER);
  return home;
}

describe.skipIf(process.getuid?.() !== 0)('what root makes', () => {
  test('in the home of a user belongs to that user: folders, files, and what replaces a file', async () => {
    const home = await aHome();
    const path = join(home, '.local', 'share', 'spacepack', 'records', 'one.json');
    await writeWhole(path, 'first');
    await writeWhole(path, 'second');
    for (const each of ['.local', '.local/share', '.local/share/spacepack/records']) {
      expect(ownerOf(join(home, each))).toEqual([USER, USER]);
    }
    expect(ownerOf(path)).toEqual([USER, USER]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('below a folder of root stays root’s', async () => {
    const folder = await temporaryFolder();
    await writeWhole(join(folder, 'state', 'one.json'), 'x');
    expect(ownerOf(join(folder, 'state'))[0]).toBe(0);
    expect(ownerOf(join(folder, 'state', 'one.json'))[0]).toBe(0);
  });

  test('does not take away what was there: folders keep their owner', async () => {
    const home = await aHome();
    mkdirSync(join(home, 'roots'));
    await makeOwnFolder(join(home, 'roots'));
    expect(ownerOf(join(home, 'roots'))[0]).toBe(0);
  });

  test('for a channel can be used by root and by the user', async () => {
    const home = await aHome();
    await openOwnFolder(join(home, 'channel'));
    await openOwnFolder(join(home, 'channel'));
    await partialFile(join(home, 'channel', 'part')).append(0, null, (async function* () {})());
    expect(ownerOf(join(home, 'channel', 'part'))).toEqual([USER, USER]);
  });

  test('is not trusted where a third one owns it', async () => {
    const home = await aHome();
    mkdirSync(join(home, 'channel'), { mode: 0o700 });
    writeFileSync(join(home, 'channel', 'root.json'), '');
    chownSync(join(home, 'channel'), USER + 1, USER);
    await expect(openOwnFolder(join(home, 'channel'))).rejects.toMatchObject({ code: 'channel-untrusted' });
  });
});
