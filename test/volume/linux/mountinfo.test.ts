import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeMounts,
  holding,
  isNameable,
  type MountLine,
  parseMountinfo,
  shownAt,
  unescapeMount,
} from '../../../src/volume/linux/mountinfo.ts';

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

  test('paths that are not UTF-8 stay different, and hide no other', () => {
    const line = (name: string): string => `61 28 8:17 / /media/${name} rw - vfat /dev/sdb1 rw\n`;
    const bytes = line('caf\xe9') + line('caf\xe8') + line('caf\xc3\xa9') + line('\xed\xa0\x80') + line('plain');
    const paths = parseMountinfo(decodeMounts(bytes)).map(({ path }) => path);
    expect(new Set(paths).size).toBe(5);
    expect(paths.map(isNameable)).toEqual([false, false, true, false, true]);
    expect(paths[2]).toBe('/media/café');
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

/** Lines of mountinfo, each as `id parent path`. */
const mountsOf = (...lines: readonly string[]): readonly MountLine[] =>
  parseMountinfo(
    lines.map((line) => line.replace(/^(\S+ \S+) (\S+)$/, '$1 8:17 / $2 rw - vfat /dev/sdb1 rw')).join('\n'),
  );

describe('which mount a path shows', () => {
  test.each<[string, readonly string[], number | undefined]>([
    ['the only one', ['28 1 /', '61 28 /m/x'], 61],
    ['the one on top of another', ['28 1 /', '61 28 /m/x', '70 61 /m/x'], 70],
    ['the one on top, though its line comes first', ['28 1 /', '40 61 /m/x', '61 28 /m/x'], 40],
    ['none, where one over the folder above covers it', ['28 1 /', '61 28 /m/x', '70 28 /m'], undefined],
    ['the one inside of that', ['28 1 /', '61 28 /m/x', '70 28 /m', '71 70 /m/x'], 71],
    ['none, where the root was covered', ['28 1 /', '61 28 /m/x', '70 28 /'], undefined],
    ['the one in a folder whose own cover is covered', ['28 1 /', '50 28 /m/x/y', '60 28 /m', '61 60 /m/x'], 61],
    ['the one of a process in another root, which sees no line for it', ['61 28 /m/x', '70 61 /m/x'], 70],
    ['none below it', ['28 1 /', '61 28 /m/x/y'], undefined],
    ['one, where mounts claim to lie on each other', ['28 28 /', '61 62 /m/x', '62 61 /m/x', '63 28 /m/x'], 63],
  ])('%s', (_, lines, expected) => {
    expect(shownAt('/m/x', mountsOf(...lines))?.mountId).toBe(expected);
  });

  test('and in which one a path lies', () => {
    expect(holding('/m/x/y/z', mountsOf('28 1 /', '61 28 /m/x'))?.mountId).toBe(61);
    expect(holding('/m/xy', mountsOf('28 1 /', '61 28 /m/x'))?.mountId).toBe(28);
  });

  test('is found for any lines, however they lie on each other', () => {
    const id = fc.integer({ min: 1, max: 5 });
    const line = fc
      .tuple(id, id, fc.constantFrom('/', '/m', '/m/x'))
      .map(([own, parent, path]) => `${own} ${parent} ${path}`);
    fc.assert(fc.property(fc.array(line), (lines) => holding('/m/x', mountsOf(...lines)) !== null));
  });
});
