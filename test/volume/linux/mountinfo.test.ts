import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MountLine, parseMountinfo, unescapeMount } from '../../../src/volume/linux/mountinfo.ts';

describe('mountinfo', () => {
  test.each<[string, Partial<MountLine>]>([
    [
      '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue',
      { mountId: 36, device: '98:0', root: '/mnt1', path: '/mnt2', readOnly: false, fileSystem: 'ext3' },
    ],
    [
      '61 28 8:17 / /media/me/Untitled\\0401 rw,nosuid shared:33 - vfat /dev/sdb1 rw,uid=1000',
      { mountId: 61, path: '/media/me/Untitled 1', source: '/dev/sdb1' },
    ],
    ['61 28 8:17 / /a rw - vfat /dev/sdb1 rw', { readOnly: false }],
    ['61 28 8:17 / /a ro - vfat /dev/sdb1 rw', { readOnly: true }],
    ['61 28 8:17 / /a rw - vfat /dev/sdb1 ro', { readOnly: true }],
    ['61 28 8:17 / /a rw,errors=ro - vfat /dev/sdb1 rw', { readOnly: false }],
    ['61 28 8:17 / /a rw shared:1 master:2 propagate_from:3 unbindable - vfat none rw', { source: 'none' }],
    ['61 28 8:17 / /a-b\\011c\\134d rw - vfat /dev/sdb1 rw', { path: '/a-b\tc\\d' }],
    ['61 28 8:17 / /- rw - vfat /dev/sdb1 rw', { path: '/-' }],
  ])('%s', (line, expected) => {
    expect(parseMountinfo(`${line}\n`)).toMatchObject([expected]);
  });

  test('a line that breaks the form hides no other', () => {
    const good = '61 28 8:17 / /a rw - vfat /dev/sdb1 rw';
    expect(parseMountinfo(`x\n61 28 817 / /a rw - vfat /dev/sdb1 rw\n${good}\n61 28 8:17 / /a rw vfat\n`)).toHaveLength(
      1,
    );
  });

  // Found by the fuzzer.
  test.each([
    '61 28 8:17  /a rw - vfat /dev/sdb1 rw',
    '61 28 8:17 /  rw - vfat /dev/sdb1 rw',
    '61 28 8:17 / /a rw -  /dev/sdb1 rw',
  ])('a line with an empty part is left out: %s', (line) => {
    expect(parseMountinfo(line)).toEqual([]);
  });

  test('any path comes back as it was', () => {
    const escaped = (path: string): string =>
      path.replace(/[ \t\n\\]/g, (found) => `\\${found.charCodeAt(0).toString(8).padStart(3, '0')}`);
    const path = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(path, fc.boolean(), fc.nat(), (name, readOnly, mountId) => {
        const line = `${mountId} 28 8:17 / /media/${escaped(name)} ${readOnly ? 'ro' : 'rw'} shared:1 - vfat /dev/sdb1 rw`;
        expect(parseMountinfo(line)).toMatchObject([{ mountId, path: `/media/${name}`, readOnly }]);
        expect(unescapeMount(escaped(name))).toBe(name);
      }),
    );
  });

  test('any text gives lines or none, and nothing is thrown', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(parseMountinfo(text))));
  });
});
