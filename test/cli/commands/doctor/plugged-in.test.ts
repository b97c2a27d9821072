import { describe, expect, test } from 'vitest';
import { checkDevices, checkEnumerator } from '../../../../src/cli/commands/doctor/plugged-in.ts';
import { SpacepackError } from '../../../../src/protocol/errors.ts';
import { FAMILIES } from '../../../../src/protocol/families.ts';
import { createMemoryWorld, type DeviceOptions, scenarioOf } from '../../../fake-volume/index.ts';

const look = (scenario: string, platform: NodeJS.Platform = 'linux') =>
  checkDevices(createMemoryWorld(scenarioOf(scenario)).environment, { families: FAMILIES, platform });

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
  expect(await checkDevices(environment, { families: FAMILIES, platform: 'linux' })).toContainEqual(
    expect.objectContaining({ topic: 'device', state: 'note' }),
  );
});

describe('a drive with the ids of a device and another name', () => {
  const devicesOf = async (...devices: readonly DeviceOptions[]) =>
    (await checkDevices(createMemoryWorld({ devices }).environment, { families: FAMILIES, platform: 'linux' })).filter(
      ({ topic }) => topic === 'device',
    );

  test('is named with both names instead of "no device", and is no fault', async () => {
    expect(await devicesOf({ settings: { vendor: 'Generic', product: 'Card Reader' } })).toMatchObject([
      {
        state: 'note',
        message: expect.stringMatching(/19E7:1111 at port 1-1: .*mophie SpacePack.*Generic Card Reader/),
      },
    ]);
  });

  test('is named beside a device', async () => {
    expect(await devicesOf({}, { settings: { product: 'Card Reader' } })).toMatchObject([
      { state: 'good' },
      { state: 'note', message: expect.stringContaining('mophie Card Reader') },
    ]);
  });

  test('that has other ids is none of ours', async () => {
    const [finding] = await devicesOf({ settings: { productId: 0x1112 } });
    expect(finding).toMatchObject({ state: 'note', message: 'No device is plugged in.' });
  });
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
    expect(await checkDevices(environment, { families: FAMILIES, platform: 'darwin' })).toContainEqual(
      expect.objectContaining({ topic: 'privacy', state: 'broken', remedy: 'Allow it.' }),
    );
  });
});

test('drives that cannot be listed are broken', async () => {
  const { environment } = createMemoryWorld({ failingLists: 99 });
  expect(await checkDevices(environment, { families: FAMILIES, platform: 'linux' })).toContainEqual(
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
