import { describe, expect, test } from 'vitest';
import { SpacepackError } from '../../src/protocol/errors.ts';
import { createMemoryWorld, type DeviceOptions } from '../fake-volume/index.ts';
import { aChannel } from './a-channel.ts';
import { aHousehold } from './a-run.ts';

const worldOf = (...devices: DeviceOptions[]) => createMemoryWorld({ devices });

const HOUR_MS = 3_600_000;

describe('a device that is plugged in', () => {
  test('is left alone when nothing newer is offered', async () => {
    const channel = aChannel();
    channel.publish({ major: 1 });
    const { run, notices } = aHousehold({ ...worldOf({}), channel });
    expect(await run()).toMatchObject({ devices: [{ standing: 'current', to: null }], channel: { requests: 1 } });
    expect(notices).toEqual([]);
    expect(channel.asked).toEqual(['check']);
  });

  test('is not there: the channel is not even asked', async () => {
    const channel = aChannel();
    const { run } = aHousehold({ ...worldOf(), channel });
    expect(await run()).toEqual({ devices: [], channel: null });
    expect(channel.asked).toEqual([]);
  });

  test('is told of where the volume that was mounted for a look stays mounted', async () => {
    const world = createMemoryWorld({ host: 'headless', devices: [{ heldBy: 'Photos' }] });
    const { run, told } = aHousehold({ ...world, channel: aChannel() });
    await run();
    expect(told).toContainEqual(expect.objectContaining({ type: 'notice', device: 'SP00000001' }));
  });

  test('is told of once, and nothing is written to it', async () => {
    const world = worldOf({});
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 });
    const { run, notices } = aHousehold({ ...world, channel });
    expect(await run()).toMatchObject({ devices: [{ standing: 'told', from: '1.0.0+0', to: '1.1.0+0' }] });
    expect(await run()).toMatchObject({ devices: [{ standing: 'told-before' }] });
    expect(notices).toHaveLength(1);
    expect(world.operations.filter(({ verb }) => verb === 'create')).toEqual([]);
    channel.publish({ major: 1, minor: 2 });
    expect(await run()).toMatchObject({ devices: [{ standing: 'told', to: '1.2.0+0' }] });
  });

  test('is told of again as long as nobody could be reached', async () => {
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 });
    const { run, journal } = aHousehold({ ...worldOf({}), channel, told: 'unreachable' });
    expect(await run()).toMatchObject({ devices: [{ standing: 'unreachable' }] });
    expect(journal).toEqual([]);
  });

  test('is asked about once; a no is a no', async () => {
    const world = worldOf({});
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 });
    const { run, questions } = aHousehold({ ...world, channel, answer: 'no' });
    expect(await run({ policy: 'ask' })).toMatchObject({ devices: [{ standing: 'declined' }] });
    expect(await run({ policy: 'ask' })).toMatchObject({ devices: [{ standing: 'told-before' }] });
    expect(questions).toHaveLength(1);
    expect(world.operations.filter(({ verb }) => verb === 'create')).toEqual([]);
  });

  test('is asked about; a yes installs it', async () => {
    const world = worldOf({});
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 });
    const { run } = aHousehold({ ...world, channel, answer: 'yes' });
    expect(await run({ policy: 'ask' })).toMatchObject({ devices: [{ outcome: { code: 'applied' } }] });
  });

  test('is updated, and that stands, though the journal cannot be written to any more', async () => {
    const world = worldOf({});
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 });
    const { run, told } = aHousehold({ ...world, channel, journalFailsAt: 'ended' });
    expect(await run({ policy: 'auto' })).toMatchObject({ devices: [{ outcome: { code: 'applied' } }] });
    expect(told).toContainEqual(expect.objectContaining({ type: 'notice', message: expect.stringContaining('EROFS') }));
  });

  test('is not touched if the journal cannot be written to before', async () => {
    const world = worldOf({});
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 });
    const { run } = aHousehold({ ...world, channel, journalFailsAt: 'began' });
    await expect(run({ policy: 'auto' })).rejects.toThrow('EROFS');
    expect(world.operations.filter(({ verb }) => verb === 'create')).toEqual([]);
  });

  test('is updated by itself, the attempt is in the journal, and the person is told', async () => {
    const world = worldOf({});
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 });
    const { run, journal, notices } = aHousehold({ ...world, channel });
    expect(await run({ policy: 'auto' })).toMatchObject({ devices: [{ outcome: { verdict: 'applied' } }] });
    expect(journal).toMatchObject([
      { event: 'began', by: 'agent', from: '1.0.0+0', to: '1.1.0+0' },
      { event: 'ended', code: 'applied' },
      { event: 'told', finding: 'applied' },
    ]);
    expect(notices).toHaveLength(1);
    expect(await run({ policy: 'auto' })).toMatchObject({ devices: [{ standing: 'current', from: '1.1.0+0' }] });
  });

  test('is not taken back to an older release', async () => {
    const channel = aChannel();
    channel.publish({ major: 0, minor: 9 });
    const { run } = aHousehold({ ...worldOf({}), channel });
    expect(await run({ policy: 'auto' }, true)).toMatchObject({ devices: [{ standing: 'current' }] });
  });

  test('is not updated with an image that is not what the channel said', async () => {
    const world = worldOf({});
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 }, { sha256: '0'.repeat(64) });
    const { run } = aHousehold({ ...world, channel });
    expect(await run({ policy: 'auto' })).toMatchObject({ devices: [{ outcome: { code: 'image-changed' } }] });
    expect(world.operations.filter(({ verb }) => verb === 'create')).toEqual([]);
  });

  test('that cannot be used is told from one that is current', async () => {
    const channel = aChannel();
    const { run } = aHousehold({ ...worldOf({ card: null }), channel });
    expect(await run()).toMatchObject({ devices: [{ standing: 'unready', message: expect.stringContaining('card') }] });
  });
});

describe('a release that fails', () => {
  test('is tried twice, an hour apart, then left alone, and said to be given up, until a newer one comes', async () => {
    const world = worldOf({ troubles: [{ at: 'program', outcome: 'fail' }] });
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 });
    const { run, journal, notices } = aHousehold({ ...world, channel });
    const standing = async () => (await run({ policy: 'auto' })).devices[0]?.standing;
    expect(await standing()).toBe('ended');
    expect(await standing()).toBe('backing-off');
    world.pass(HOUR_MS);
    expect(await standing()).toBe('ended');
    world.pass(100 * HOUR_MS);
    expect(await standing()).toBe('given-up');
    expect(await standing()).toBe('given-up');
    expect(journal.filter(({ event }) => event === 'ended')).toHaveLength(2);
    expect(notices.map(({ title }) => title)).toEqual([
      'Your SpacePack was not updated',
      'Stopped trying to update your SpacePack',
    ]);
    channel.publish({ major: 1, minor: 2 });
    expect(await standing()).toBe('ended');
  });
});

test('two devices that nothing tells apart are both left alone', async () => {
  const twin = { settings: { serial: 'SP00000001' } };
  const world = createMemoryWorld({ manners: { ports: 'untold' }, devices: [twin, twin] });
  const channel = aChannel();
  channel.publish({ major: 1, minor: 1 });
  const { run } = aHousehold({ ...world, channel });
  expect((await run({}, true)).devices.map(({ standing }) => standing)).toEqual(['unready', 'unready']);
  expect(world.operations.filter(({ verb }) => verb === 'create')).toEqual([]);
});

test('a release that could not be downloaded is not said to run', async () => {
  const channel = aChannel();
  channel.publish({ major: 1, minor: 1 });
  const download = () => Promise.reject(new SpacepackError('download-failed', 'There is no network in this test.'));
  const { run } = aHousehold({ ...worldOf({}), channel: { ...channel, download } });
  const [device] = (await run({}, true)).devices;
  expect(device?.outcome).toMatchObject({ code: 'download-failed', from: '1.0.0+0', to: null });
});

test('several devices are updated one after the other, never two at once', async () => {
  const world = worldOf({}, {}, {});
  const channel = aChannel();
  channel.publish({ major: 1, minor: 1 });
  const { run, journal } = aHousehold({ ...world, channel });
  const { devices } = await run({ policy: 'auto' });
  expect(devices.map(({ outcome }) => outcome?.code)).toEqual(['applied', 'applied', 'applied']);
  const events = journal.filter(({ event }) => event !== 'told').map(({ event }) => event);
  expect(events).toEqual(['began', 'ended', 'began', 'ended', 'began', 'ended']);
});

test('a run that is called off goes on to no other device', async () => {
  const world = worldOf({}, {});
  const called = new AbortController();
  const channel = aChannel();
  channel.publish({ major: 1, minor: 1 });
  const { run, journal } = aHousehold({ ...world, channel, cancel: called.signal });
  const check = channel.check;
  channel.check = async (signal) => {
    called.abort();
    return check(signal);
  };
  await expect(run({ policy: 'auto' })).rejects.toMatchObject({ code: 'interrupted' });
  expect(journal).toEqual([]);
});

test('of two runs at once one steps back, and touches nothing', async () => {
  const world = worldOf({});
  const channel = aChannel();
  channel.publish({ major: 1, minor: 1 });
  const { run } = aHousehold({ ...world, channel });
  const [one, other] = await Promise.allSettled([run({ policy: 'auto' }), run({ policy: 'auto' })]);
  expect(one.status).toBe('fulfilled');
  expect(other).toMatchObject({ status: 'rejected', reason: { code: 'device-locked' } });
});

test('a volume that is mounted a second later is waited for', async () => {
  const world = createMemoryWorld({ devices: [{}], manners: { mountMs: 1_000 } });
  const channel = aChannel();
  const { run } = aHousehold({ ...world, channel });
  expect(await run()).toMatchObject({ devices: [{ standing: 'current' }] });
});

describe('on a computer without a desktop', () => {
  test('a device is mounted for the look, and unmounted again', async () => {
    const world = createMemoryWorld({ devices: [{}], host: 'headless' });
    const { run } = aHousehold({ ...world, channel: aChannel() });
    expect(await run()).toMatchObject({ devices: [{ standing: 'current', from: '1.0.0+0' }] });
    const [drive] = await world.environment.volumes.list();
    expect(drive?.volumes.map(({ mount }) => mount)).toEqual([null]);
  });

  test('it is updated all the same', async () => {
    const channel = aChannel();
    channel.publish({ major: 1, minor: 1 });
    const { run } = aHousehold({ ...createMemoryWorld({ devices: [{}], host: 'headless' }), channel });
    expect(await run({ policy: 'auto' })).toMatchObject({ devices: [{ outcome: { code: 'applied' } }] });
  });

  test('whose system starts the login item at each mount it is not mounted, or the two would go on for ever', async () => {
    const world = createMemoryWorld({ devices: [{}], host: 'headless' });
    const { run } = aHousehold({ ...world, channel: aChannel(), mounts: false });
    expect(await run()).toMatchObject({ devices: [{ standing: 'unready' }] });
    expect(world.operations.filter(({ verb }) => verb === 'mount')).toEqual([]);
  });

  test('where nobody may mount it, it is told apart from one that is current', async () => {
    const world = createMemoryWorld({ devices: [{}], host: 'headless' });
    const mount = () => Promise.reject(new SpacepackError('volume-not-mounted', 'Not authorized', { remedy: 'Ask.' }));
    const environment = { ...world.environment, volumes: { ...world.environment.volumes, mount } };
    const { run } = aHousehold({ environment, channel: aChannel() });
    expect(await run()).toMatchObject({ devices: [{ standing: 'unready', message: expect.stringContaining('Ask.') }] });
  });
});
