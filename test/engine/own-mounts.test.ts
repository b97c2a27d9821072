import { expect, test } from 'vitest';
import { find } from '../../src/index.ts';
import { buildPayload, createMemoryWorld } from '../fake-volume/index.ts';
import { playUpdate } from './play.ts';

/** More than a rehearsal takes. */
const LOOKS = 12;

test.each(Array.from({ length: LOOKS }, (_, index) => index + 1))(
  'a volume that a rehearsal mounted is unmounted again, though the listing with the number %i fails',
  async (visit) => {
    // The first one is of who chooses the device.
    const world = createMemoryWorld({ host: 'headless', lookFailures: [{ visits: [visit + 1] }] });
    const { environment } = world;
    await playUpdate(environment, buildPayload(), { dryRun: true });
    const sights = await find(environment).catch(() => find(environment));
    expect(sights.map(({ volume }) => volume)).toEqual([null]);
  },
);
