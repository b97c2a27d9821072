import { expect, test } from 'vitest';
import { whileMounted } from '../../src/devices/while-mounted.ts';
import type { SpacepackError } from '../../src/protocol/errors.ts';
import { spacepack } from '../../src/protocol/spacepack/family.ts';
import { createMemoryWorld, type WorldOptions } from '../fake-volume/index.ts';

/** Looks at the only device of a computer that mounts nothing by itself; the first look of the world is the test's own. */
async function play(options: WorldOptions) {
  const world = createMemoryWorld({ host: 'headless', ...options });
  const { volumes } = world.environment;
  const [drive] = await volumes.list();
  if (drive === undefined) throw new TypeError('a device is there');
  const kept: SpacepackError[] = [];
  const end = await whileMounted(
    volumes,
    spacepack,
    drive,
    async () => 'looked',
    (error) => kept.push(error),
  ).catch(({ code }: SpacepackError) => code);
  const [now] = await world.start().environment.volumes.list();
  return { end, kept: kept.map(({ code }) => code), isMounted: now?.volumes[0]?.mount !== null, kepts: kept };
}

test('a device that nobody mounts is left unmounted after the look', async () => {
  expect(await play({})).toMatchObject({ end: 'looked', kept: [], isMounted: false });
});

test('a listing that fails once after the mount is repeated, and the volume unmounted', async () => {
  expect(await play({ lookFailures: [{ visits: [2] }] })).toMatchObject({ end: 'looked', kept: [], isMounted: false });
});

test('if no listing shows the mount, the volume is reported as perhaps still mounted', async () => {
  const { end, kepts, isMounted } = await play({ lookFailures: [{ visits: [2, 3] }] });
  expect({ end, isMounted }).toEqual({ end: 'listing-failed', isMounted: true });
  expect(kepts).toEqual([expect.objectContaining({ remedy: expect.stringMatching(/^Unmount it/) })]);
});

test('a volume that is mounted after a failed mount is reported as mounted by nobody known', async () => {
  const failures = [{ verb: 'mount', when: 'after', code: 'volume-not-mounted' }] as const;
  const { end, kepts, isMounted } = await play({ failures });
  expect({ end, isMounted }).toEqual({ end: 'volume-not-mounted', isMounted: true });
  expect(kepts).toEqual([expect.objectContaining({ remedy: expect.stringMatching(/^Unmount it/) })]);
});

test('a volume that is held is reported', async () => {
  const { kept, isMounted } = await play({ devices: [{ heldBy: 'Photos' }] });
  expect({ kept, isMounted }).toEqual({ kept: ['volume-busy'], isMounted: true });
});

test('a device that leaves during the look is not reported as still mounted', async () => {
  const onOperation: WorldOptions['onOperation'] = ({ verb }, device) => {
    if (verb === 'release') device.unplug();
  };
  const { kept } = await play({ onOperation });
  expect(kept).toEqual([]);
});
