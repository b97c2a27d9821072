import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offeredOf } from '../../../src/channel/publisher/offered.ts';
import { chooseRelease, type Release } from '../../../src/channel/release.ts';

const revisions = ['0100', '0200', '0300'] as const;
const version = fc.nat(6).map((minor) => ({ major: 1, minor, revision: 0, build: 0 }));
const release = fc.record({
  name: fc.constant('r.dfu'),
  product: fc.constantFrom('spacepack', 'other'),
  hardware: fc.subarray([...revisions]),
  version,
  securityCounter: fc.nat(3),
  minBatteryPercent: fc.constant(0),
  notes: fc.constant(''),
  rolloutPercent: fc.constantFrom(0, 50, 100, 100),
  paused: fc.boolean(),
  sizeBytes: fc.constant(1),
  sha256: fc.nat(9).map((digit) => `${digit}`.repeat(64)),
});
const seeker = fc.record({
  product: fc.constantFrom('spacepack', 'other'),
  serial: fc.nat(20).map(String),
  hardware: fc.constantFrom(...revisions, '0400', null),
  version: fc.option(version),
  securityFloor: fc.option(fc.nat(3)),
});

/** No two for the same device have one version: `add` refuses that. */
const distinct = (releases: readonly Release[]): readonly Release[] =>
  releases.filter((one, index) => !releases.slice(0, index).some((other) => other.version.minor === one.version.minor));

test('whatever is archived, each device is offered the same as before', () => {
  fc.assert(
    fc.property(
      fc.array(release, { maxLength: 12 }),
      fc.array(seeker, { minLength: 1, maxLength: 8 }),
      (all, devices) => {
        const releases = distinct(all);
        const offered = [...offeredOf(releases)];
        for (const device of devices) expect(chooseRelease(offered, device)).toEqual(chooseRelease(releases, device));
      },
    ),
    { seed: 10, numRuns: 2_000 },
  );
});

const aRelease = (minor: number, more: Partial<Release> = {}): Release => ({
  name: `${minor}.dfu`,
  product: 'spacepack',
  hardware: [],
  version: { major: 1, minor, revision: 0, build: 0 },
  securityCounter: 1,
  minBatteryPercent: 0,
  notes: '',
  rolloutPercent: 100,
  paused: false,
  sizeBytes: 1,
  sha256: 'a'.repeat(64),
  ...more,
});

test.each([
  ['of many for all, only the newest', [aRelease(1), aRelease(2), aRelease(3)], ['3.dfu']],
  [
    'below a rollout, the newest for all',
    [aRelease(1), aRelease(2), aRelease(3, { rolloutPercent: 5 })],
    ['3.dfu', '2.dfu'],
  ],
  ['below a pause, the newest for all', [aRelease(1), aRelease(2), aRelease(3, { paused: true })], ['3.dfu', '2.dfu']],
  [
    'one for each revision',
    [aRelease(1, { hardware: ['0100'] }), aRelease(2, { hardware: ['0200'] })],
    ['2.dfu', '1.dfu'],
  ],
  ['one with a higher security counter', [aRelease(1, { securityCounter: 2 }), aRelease(2)], ['2.dfu', '1.dfu']],
])('%s', (_, releases, names) => {
  expect([...offeredOf(releases)].map(({ name }) => name)).toEqual(names);
});
