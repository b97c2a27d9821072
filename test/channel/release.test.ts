import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseRelease, isInRollout, type Release, type ReleaseSeeker } from '../../src/channel/release.ts';
import { compareVersions, formatVersion, requireVersion } from '../../src/protocol/versions.ts';

function release(version: string, change: Partial<Release> = {}): Release {
  return {
    name: `spacepack-${version}.dfu`,
    product: 'spacepack',
    hardware: [],
    version: requireVersion(version),
    securityCounter: 1,
    minBatteryPercent: 0,
    notes: '',
    rolloutPercent: 100,
    paused: false,
    sizeBytes: 1,
    sha256: Buffer.from(version.padEnd(32)).toString('hex').slice(0, 64),
    ...change,
  };
}

const device: ReleaseSeeker = {
  product: 'spacepack',
  serial: 'SP0042',
  hardware: '0100',
  version: requireVersion('1.0.0'),
  securityFloor: 1,
};

const chosen = (releases: readonly Release[], change: Partial<ReleaseSeeker> = {}): string | null => {
  const found = chooseRelease(releases, { ...device, ...change });
  return found && formatVersion(found.version);
};

describe('the release for a device', () => {
  test.each<[string, readonly Release[], Partial<ReleaseSeeker>, string | null]>([
    ['is the newest, in whatever order', [release('1.1.0'), release('1.3.0'), release('1.2.0')], {}, '1.3.0+0'],
    ['counts the build number', [release('1.1.0+1'), release('1.1.0+2')], {}, '1.1.0+2'],
    ['is none if nothing is published', [], {}, null],
    ['is never what runs already', [release('1.0.0')], {}, null],
    ['is never older than what runs', [release('0.9.0')], {}, null],
    ['is any if nothing runs', [release('0.9.0')], { version: null }, '0.9.0+0'],
    ['is never for another product', [release('9.0.0', { product: 'other' })], {}, null],
    ['is never for other hardware', [release('1.2.0', { hardware: ['0200'] }), release('1.1.0')], {}, '1.1.0+0'],
    ['may be for its hardware among others', [release('1.2.0', { hardware: ['00FF', '0100'] })], {}, '1.2.0+0'],
    [
      'is for any hardware if its own is not known',
      [release('1.2.0', { hardware: ['0100'] })],
      { hardware: null },
      null,
    ],
    [
      'compares hexadecimal digits without regard to case',
      [release('1.2.0', { hardware: ['00FF'] })],
      { hardware: '00ff' },
      '1.2.0+0',
    ],
    ['is never below the security floor', [release('1.2.0', { securityCounter: 2 })], { securityFloor: 3 }, null],
    ['may be at the security floor', [release('1.2.0', { securityCounter: 3 })], { securityFloor: 3 }, '1.2.0+0'],
    ['is never a paused one', [release('1.2.0', { paused: true }), release('1.1.0')], {}, '1.1.0+0'],
    [
      'is never one that is offered to nobody',
      [release('1.2.0', { rolloutPercent: 0 }), release('1.1.0')],
      {},
      '1.1.0+0',
    ],
  ])('%s', (_, releases, change, expected) => {
    expect(chosen(releases, change)).toBe(expected);
  });

  test('is newer than what runs and for its product, whatever a channel holds', () => {
    const part = fc.integer({ min: 0, max: 3 });
    const version = fc.tuple(part, part, part).map((parts) => parts.join('.'));
    const any = fc.record({ version, product: fc.constantFrom('spacepack', 'other'), paused: fc.boolean() });
    fc.assert(
      fc.property(fc.array(any), version, (described, running) => {
        const releases = described.map(({ version: text, ...change }) => release(text, change));
        const found = chooseRelease(releases, { ...device, version: requireVersion(running) });
        if (found === null) return;
        expect(compareVersions(found.version, requireVersion(running))).toBeGreaterThan(0);
        expect(found).toMatchObject({ product: 'spacepack', paused: false });
      }),
    );
  });
});

describe('a rollout', () => {
  const serials = Array.from({ length: 10_000 }, (_, index) => `SP${index}`);

  test.each([1, 5, 50, 99])('of %i percent reaches about so many', (rolloutPercent) => {
    const reached = serials.filter((serial) => isInRollout(serial, release('1.1.0', { rolloutPercent }))).length;
    expect(Math.abs(reached / 100 - rolloutPercent)).toBeLessThan(2);
  });

  test('of 0 reaches nobody, of 100 everybody', () => {
    for (const serial of serials) {
      expect(isInRollout(serial, release('1.1.0', { rolloutPercent: 0 }))).toBe(false);
      expect(isInRollout(serial, release('1.1.0', { rolloutPercent: 100 }))).toBe(true);
    }
  });

  test('that grows keeps all whom it had', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 99 }), (serial, rolloutPercent) => {
        if (!isInRollout(serial, release('1.1.0', { rolloutPercent }))) return;
        expect(isInRollout(serial, release('1.1.0', { rolloutPercent: rolloutPercent + 1 }))).toBe(true);
      }),
    );
  });

  test('always puts a device on the same side: the sides are an interface', () => {
    const sides = ['SP0001', 'SP0002', 'SP0003', 'SP0042'].map((serial) =>
      isInRollout(serial, release('1.1.0', { rolloutPercent: 50, sha256: 'ab'.repeat(32) })),
    );
    expect(sides).toEqual([true, true, true, false]);
  });

  test('of the next release draws anew: the same devices are not always first', () => {
    const first = (sha256: string): Set<string> =>
      new Set(serials.filter((serial) => isInRollout(serial, release('1.1.0', { rolloutPercent: 10, sha256 }))));
    const [one, other] = [first('a'.repeat(64)), first('b'.repeat(64))];
    const both = [...one].filter((serial) => other.has(serial)).length;
    expect(both / one.size).toBeLessThan(0.2);
  });
});
