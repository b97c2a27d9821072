import { describe, expect, test } from 'vitest';
import { checkDevices, checkEnumerator } from '../../../src/cli/doctor/plugged-in.ts';
import { SpacepackError } from '../../../src/protocol/errors.ts';
import { createMemoryWorld, scenarioOf } from '../../fake-volume/index.ts';

const look = (scenario: string, platform: NodeJS.Platform = 'linux') =>
  checkDevices(createMemoryWorld(scenarioOf(scenario)).environment, platform);

describe('each device with its problem and what to do', () => {
  test.each([
    ['healthy', 'good'],
    ['headless', 'note'],
    ['gpt', 'broken'],
    ['no-info', 'broken'],
    ['read-only', 'broken'],
  ])('%s is %s', async (scenario, state) => {
    const devices = (await look(scenario)).filter(({ topic }) => topic === 'device');
    expect(devices).toMatchObject([{ state }]);
    if (state === 'broken') expect(devices[0]?.remedy).not.toBe('');
  });
});

test('no device is a note, not a fault', async () => {
  const { environment } = createMemoryWorld({ devices: [] });
  expect(await checkDevices(environment, 'linux')).toContainEqual(
    expect.objectContaining({ topic: 'device', state: 'note' }),
  );
});

describe('the privacy of macOS', () => {
  const privacy = async (scenario: string) =>
    (await look(scenario, 'darwin')).filter(({ topic }) => topic === 'privacy');

  test('a device that can be read shows that it is granted', async () => {
    expect(await privacy('healthy')).toMatchObject([{ state: 'good' }]);
  });

  test('without a device nothing can be told', async () => {
    expect(await privacy('headless')).toMatchObject([{ state: 'note' }]);
  });

  test('a denial is broken', async () => {
    const { environment } = createMemoryWorld({
      onOperation({ verb }) {
        if (verb === 'read') throw new SpacepackError('volume-permission', 'denied', { remedy: 'Allow it.' });
      },
    });
    expect(await checkDevices(environment, 'darwin')).toContainEqual(
      expect.objectContaining({ topic: 'privacy', state: 'broken', remedy: 'Allow it.' }),
    );
  });
});

test('drives that cannot be listed are broken', async () => {
  const { environment } = createMemoryWorld({ failingLists: 99 });
  expect(await checkDevices(environment, 'linux')).toContainEqual(
    expect.objectContaining({ topic: 'enumerator', state: 'broken' }),
  );
});

test('who lists the drives is said, and why it is not drivelist', () => {
  const { volumes } = createMemoryWorld().environment;
  const described = { ...volumes, describeEnumerator: () => ({ used: 'own', reason: 'not installed' }) };
  expect(checkEnumerator(described)).toMatchObject([
    { state: 'good', message: expect.stringContaining('not installed') },
  ]);
});
