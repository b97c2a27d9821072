import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createBench, homeVariables } from '../bench.ts';
import { canStrike, mainScript } from '../built.ts';
import { readLog, variablesOf } from '../strike.ts';

const canTrace = (): boolean => spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

/** What the library calls by one name, by the names of the kernel. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  read: ['read', 'pread64', 'readv', 'preadv'],
  write: ['write', 'pwrite64', 'writev', 'pwritev'],
  stat: ['statx', 'stat', 'lstat', 'fstat'],
  fsync: ['fsync'],
  fdatasync: ['fdatasync'],
  mkdir: ['mkdir', 'mkdirat'],
  rename: ['rename', 'renameat', 'renameat2'],
  unlink: ['unlink', 'unlinkat'],
  rmdir: ['rmdir'],
  ftruncate: ['ftruncate'],
  statfs: ['statfs', 'fstatfs'],
  watch: ['inotify_add_watch'],
  access: ['access', 'faccessat'],
};

/** Calls that others of the library's names make: a look into a folder opens, describes, reads and closes it. */
const INSIDE = ['openat', 'close', 'getdents64', 'newfstatat', 'readlink', 'fcntl', 'lseek', 'fadvise64'];

describe.skipIf(!canStrike() || !canTrace())('the library that strikes (needs Linux, a C compiler, strace)', () => {
  test('counts every call of an update below its folders that the kernel sees', { timeout: 120_000 }, async () => {
    const bench = await createBench();
    const own = join(bench.folder, 'traced');
    mkdirSync(own);
    const variables = {
      ...homeVariables(bench.home),
      ...variablesOf(own, { volume: bench.bus, home: bench.home }, null),
    };
    const set = Object.entries(variables).flatMap(([name, value]) => ['-E', `${name}=${value}`]);
    const update = [mainScript(), 'update', bench.image, '--root', bench.bus, '--json'];
    const trace = join(own, 'trace');
    await promisify(execFile)('strace', ['-f', '-y', '-qq', '-o', trace, ...set, process.execPath, ...update]);

    const lines = readFileSync(trace, 'utf8').split('\n');
    // A held folder is named by its number: only folders of the volume are.
    const isBelow = (line: string): boolean =>
      /\/proc\/self\/fd\/\d+\//.test(line) ||
      [bench.bus, bench.home].some((path) => new RegExp(`${path}["/>]`).test(line));
    const seen = lines
      .filter(isBelow)
      .map((line) => /^\d+ +([a-z0-9_]+)\(/.exec(line)?.[1] ?? '')
      .filter((name) => name !== '' && name !== 'execve' && !INSIDE.includes(name));
    const logged = readLog(own).map(({ call }) => call);
    bench.dispose();
    expect(logged.length).toBeGreaterThan(100);
    for (const [call, names] of Object.entries(NAMES)) {
      const count = (all: readonly string[], some: readonly string[]): number =>
        all.filter((each) => some.includes(each)).length;
      expect([call, count(seen, names)]).toEqual([call, count(logged, [call])]);
    }
    expect(seen.filter((name) => !Object.values(NAMES).flat().includes(name))).toEqual([]);
  });
});
