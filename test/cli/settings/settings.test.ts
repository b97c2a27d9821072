import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadSettings, parseSettings, settingsFolder } from '../../../src/cli/settings/settings.ts';
import { temporaryFolder } from '../harness.ts';

const PATH = '/home/me/.config/spacepack/settings.toml';

test('keys are files beside the settings, or absolute', async () => {
  const settings = await parseSettings(PATH, 'keys = ["maker.pem", "/etc/keys/b.pem"]\ntimeout = 90\n');
  expect(settings.keys).toEqual(['/home/me/.config/spacepack/maker.pem', '/etc/keys/b.pem']);
  expect(settings.timeoutSeconds).toBe(90);
});

describe('what cannot be understood is named by file and line', () => {
  test.each([
    ['keys = [', 1],
    ['# comment\n\nkeys = "maker.pem"', 3],
    ['timeout = 5\nkeys = [1]', 2],
    ['\ntimeout = "soon"', 2],
    ['timeout = 0', 1],
    ['keys = []\ncolour = true', 2],
  ])('%j, line %d', async (text, line) => {
    await expect(parseSettings(PATH, text)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(`${PATH}:${line}`),
    });
  });
});

describe('where they are', () => {
  test('SPACEPACK_CONFIG_DIR overrides the system', async () => {
    expect(await settingsFolder({ variables: { SPACEPACK_CONFIG_DIR: '/somewhere' } })).toBe('/somewhere');
    expect(await settingsFolder({ variables: {} })).toContain('spacepack');
  });

  test('no file is no fault', async () => {
    const folder = temporaryFolder();
    const settings = await loadSettings({ variables: { SPACEPACK_CONFIG_DIR: folder } });
    expect(settings).toMatchObject({ exists: false, keys: [], timeoutSeconds: null });
  });

  test('a file that cannot be read is one', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'settings.toml'));
    await expect(loadSettings({ variables: { SPACEPACK_CONFIG_DIR: folder } })).rejects.toMatchObject({
      code: 'own-disk',
    });
  });

  test('a file is read', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'settings.toml'), 'timeout = 7');
    const settings = await loadSettings({ variables: { SPACEPACK_CONFIG_DIR: folder } });
    expect(settings).toMatchObject({ exists: true, timeoutSeconds: 7 });
  });
});
