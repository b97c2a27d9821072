import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, formatVersion, parseVersion, requireVersion } from '../../src/protocol/versions.ts';

describe('versions as MCUboot numbers them', () => {
  test.each([
    ['1.2.3', '1.2.3+0'],
    ['255.255.65535+4294967295', '255.255.65535+4294967295'],
    ['0.0.0+0', '0.0.0+0'],
    ['256.0.0', null],
    ['0.256.0', null],
    ['0.0.65536', null],
    ['0.0.0+4294967296', null],
    ['01.0.0', null],
    ['1.0', null],
    ['1.0.0-rc1', null],
    ['v1.0.0', null],
    ['', null],
  ])('%s', (text, expected) => {
    const version = parseVersion(text);
    expect(version === null ? null : formatVersion(version)).toBe(expected);
  });

  test('what a person gets wrong is a usage error', () => {
    expect(() => requireVersion('one')).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  test('they compare part by part, the build number last', () => {
    const part = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(65_535), fc.nat(4_294_967_295));
    fc.assert(
      fc.property(part, part, (a, b) => {
        const [left, right] = [a, b].map(([major, minor, revision, build]) => ({ major, minor, revision, build }));
        if (left === undefined || right === undefined) throw new Error('two versions were made');
        const first = a.findIndex((value, index) => value !== b[index]);
        const expected = first === -1 ? 0 : Math.sign((a[first] ?? 0) - (b[first] ?? 0));
        expect(Math.sign(compareVersions(left, right))).toBe(expected);
      }),
    );
  });
});
