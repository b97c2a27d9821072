import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { defaultStateDirectory } from '../../src/computer/state-directory.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import { createEnvironment } from '../../src/volume/environment.ts';
import { temporaryFolder } from './a-volume.ts';

describe('the environment', () => {
  test('of a root lists the folders below it', async () => {
    const root = await temporaryFolder();
    mkdirSync(join(root, 'SP'));
    const { volumes } = createEnvironment({ root });
    expect(await volumes.list()).toMatchObject([{ volumes: [{ id: 'SP' }] }]);
    await volumes.dispose();
  });

  test('keeps records where it is told to', async () => {
    const stateDirectory = join(await temporaryFolder(), 'state');
    const { records } = createEnvironment({ root: '/', stateDirectory });
    await records.prepare();
    expect(readdirSync(stateDirectory)).toEqual(['records']);
  });

  test('keeps a record of an unknown family, and no record that makes no sense to its own', async () => {
    const stateDirectory = join(await temporaryFolder(), 'state');
    const { records } = createEnvironment({ root: '/', stateDirectory, families: FAMILIES });
    const timing = { quietMs: 1, quietDirtyMs: 1, maxAwayMs: 1 };
    const images = { newImage: null, oldImage: null, fromVersion: null, toVersion: null };
    const common = { action: 'ping', serial: 'S', port: null, timing, committedAt: 'now', ...images } as const;
    await records.save({ ...common, family: 'spacepack', nonce: 'a'.repeat(32), memory: { bootCount: -1 } });
    await records.save({ ...common, family: 'later', nonce: 'b'.repeat(32), memory: 'anything' });
    expect((await records.list()).map(({ family }) => family)).toEqual(['later']);
  });

  test('locks a device for the whole computer, whatever the state folder, and for its own root alone', async () => {
    const [one, other] = [await temporaryFolder(), await temporaryFolder()];
    const locksOf = (root: string, stateDirectory: string) => createEnvironment({ root, stateDirectory }).locks;
    const release = await locksOf(one, one).acquire('SP0042');
    await expect(locksOf(one, other).acquire('SP0042')).rejects.toMatchObject({ code: 'device-locked' });
    await (await locksOf(other, one).acquire('SP0042'))();
    await release();
  });

  test('draws as many bytes as asked for, others each time', () => {
    const { random } = createEnvironment({ root: '/' });
    expect(random(16)).toHaveLength(16);
    expect(random(16)).not.toEqual(random(16));
  });

  test('lists the real drives, or says that it cannot', async () => {
    const { volumes } = createEnvironment();
    const answer: unknown = await volumes.list().catch((thrown: unknown) => thrown);
    if (!Array.isArray(answer)) expect(answer).toMatchObject({ code: 'listing-failed' });
    await volumes.dispose();
  });
});

describe('the state directory', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('is where SPACEPACK_STATE_DIR says', async () => {
    vi.stubEnv('SPACEPACK_STATE_DIR', '/elsewhere');
    expect(await defaultStateDirectory()).toBe('/elsewhere');
  });

  test('is else a folder of the user, named after us', async () => {
    vi.stubEnv('SPACEPACK_STATE_DIR', '');
    expect(await defaultStateDirectory()).toMatch(/spacepack/);
  });
});
