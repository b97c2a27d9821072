import { describe, expect, test } from 'vitest';
import { choose } from '../../src/devices/choose.ts';
import { update } from '../../src/devices/update.ts';
import { find } from '../../src/index.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import { reservedPath } from '../fake-volume/cards/card.ts';
import { buildPayload, buildPingTrigger, createMemoryWorld, RESERVED } from '../fake-volume/index.ts';
import { fieldOf } from '../fake-volume/scenarios/tamper.ts';
import { drain, imageOf, playPing, playUpdate } from './play.ts';

const PAYLOAD = buildPayload();
const TRIGGER = reservedPath(RESERVED.trigger);

describe('the trigger', () => {
  test('that another run writes at the same moment is left alone: the device is busy', async () => {
    const foreign = 'f'.repeat(32);
    const world = createMemoryWorld({
      onOperation({ verb, path, visit }, { card, serial, firmware }) {
        if (verb !== 'create' || path !== TRIGGER || visit !== 1) return;
        const session = fieldOf(card, RESERVED.info, 'session');
        card.write(
          TRIGGER,
          buildPingTrigger({ nonce: foreign, serial, bootCount: firmware.memory.bootCount, session }),
        );
      },
    });
    const { outcome } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome).toMatchObject({ verdict: 'refused', code: 'device-busy', oldFirmware: 'unknown' });
    const [device] = world.devices;
    expect(device && Buffer.from(device.card.read(TRIGGER) ?? []).toString()).toContain(foreign);
    expect(world.records()).toEqual([]);
  });

  test.each(['volume-full', 'volume-read-only', 'volume-permission'] as const)(
    'whose flush says %s, once it has reached the device, is followed to its end',
    async (code) => {
      const world = createMemoryWorld({
        failures: [{ verb: 'close', path: TRIGGER, visits: [1], code, when: 'after' }],
      });
      const { outcome } = await playUpdate(world.environment, PAYLOAD);
      expect(outcome).toMatchObject({ verdict: 'applied', oldFirmware: 'replaced' });
    },
  );

  test('that could not be created commits nothing, and the record is closed', async () => {
    const world = createMemoryWorld({ failures: [{ verb: 'create', path: TRIGGER, code: 'volume-full' }] });
    const { outcome } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome).toMatchObject({ verdict: 'refused', code: 'volume-full', oldFirmware: 'runs', to: '1.0.0+0' });
    expect(world.records()).toEqual([]);
  });

  test.each([0, 20])('of %d bytes that an earlier run left is removed by a ping', async (bytes) => {
    const world = createMemoryWorld();
    world.devices[0]?.card.write(TRIGGER, new Uint8Array(bytes).fill(65));
    expect((await playPing(world.environment)).outcome.code).toBe('ping-answered');
  });
});

describe('another partition of the card', () => {
  const partitions = [{ label: 'EXTRA' }];

  test('is unmounted before the commit, and reported afterwards if nobody mounts it again', async () => {
    const world = createMemoryWorld({ devices: [{ card: { partitions: [{ label: 'EXTRA', isInFstab: true }] } }] });
    const { outcome, reports } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome.code).toBe('applied');
    expect(world.operations.filter(({ verb }) => verb === 'release').length).toBeGreaterThan(1);
    expect(reports).toContainEqual(expect.objectContaining({ type: 'notice', code: 'left-unmounted' }));
  });

  test('that a program holds refuses the update by name, before anything is committed', async () => {
    const world = createMemoryWorld({
      devices: [{ card: { partitions } }],
      failures: [{ verb: 'release', visits: [1], code: 'volume-busy' }],
    });
    const { outcome } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome).toMatchObject({ verdict: 'refused', code: 'volume-busy', oldFirmware: 'runs' });
    expect(world.records()).toEqual([]);
  });
});

describe('a look that fails', () => {
  test('before the commit is reported as such', async () => {
    const world = createMemoryWorld({ failingLists: 1 });
    const failing = playUpdate(world.environment, PAYLOAD);
    await expect(failing).rejects.toMatchObject({ code: 'listing-failed' });
  });

  test('after the commit decides nothing: the next one does', async () => {
    const world = createMemoryWorld();
    const { volumes } = world.environment;
    let failures = 0;
    let isReleased = false;
    const { outcome } = await playUpdate(
      {
        ...world.environment,
        volumes: {
          ...volumes,
          async release(volume) {
            isReleased = true;
            return volumes.release(volume);
          },
          async list() {
            if (isReleased && failures < 3) {
              failures += 1;
              throw new SpacepackError('listing-failed', 'EMFILE');
            }
            return volumes.list();
          },
        },
      },
      PAYLOAD,
    );
    expect(failures).toBe(3);
    expect(outcome.code).toBe('applied');
  });

  test.each(['release', 'depart'])(
    'and never succeeds again from %s on says neither that it stayed nor that it left',
    async (from) => {
      const world = createMemoryWorld();
      const { volumes } = world.environment;
      let isBlind = false;
      const blind = async (): ReturnType<typeof volumes.list> => {
        if (isBlind) throw new SpacepackError('listing-failed', 'EMFILE');
        return volumes.list();
      };
      const environment = { ...world.environment, volumes: { ...volumes, list: blind } };
      const [target] = choose(await find(environment), {});
      const { outcome } = await drain(update(environment, target, await imageOf(PAYLOAD)), (phase) => {
        if (phase === from) isBlind = true;
      });
      expect(outcome).toMatchObject({ verdict: 'indeterminate', code: 'lost-track', oldFirmware: 'unknown' });
      expect(outcome.message).not.toContain('still there');
    },
  );
});
