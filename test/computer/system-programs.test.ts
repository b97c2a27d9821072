import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../../src/computer/run-program.ts';
import {
  filesOf,
  type ProgramHome,
  programsOf,
  type SystemProgram,
  startOf,
  windowsFolder,
} from '../../src/computer/system-programs.ts';
import { temporaryFolder } from '../cli/harness.ts';

const namesOf = (platform: NodeJS.Platform): readonly SystemProgram[] => programsOf(platform) as SystemProgram[];

describe('who starts programs', () => {
  const root = fileURLToPath(new URL('../../src', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const textOf = (name: string): string => readFileSync(join(root, name), 'utf8');

  test('only the one place that decides which file a name means, and the supervisor, which starts this program again', () => {
    const starting = files.filter((name) =>
      /node:(?:child_process|cluster|worker_threads)|process\.binding/.test(textOf(name)),
    );
    expect(starting.sort()).toEqual(['cli/supervise.ts', 'computer/run-program.ts']);
    const calls = starting.flatMap((name) => [...textOf(name).matchAll(/\bspawn\(([^,]+),/g)].map(([, file]) => file));
    expect(calls.sort()).toEqual(['file', 'process.execPath']);
    expect(textOf('computer/run-program.ts')).toContain('startOf(program, thisHome())');
  });

  test('no package that every installation has', () => {
    const project = join(root, '..');
    const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { readonly dev?: true; readonly optional?: true; readonly devOptional?: true }>;
    };
    const always = Object.entries(packages).filter(
      ([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional,
    );
    expect(always.length).toBeGreaterThan(20);
    const scripts = always.flatMap(([path]) =>
      readdirSync(join(project, path), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.[cm]?js$/.test(name) && !name.includes('node_modules'))
        .map((name) => join(project, path, name)),
    );
    expect(scripts.filter((path) => /child_process/.test(readFileSync(path, 'utf8')))).toEqual([]);
  });

  test('every program that is listed is started somewhere, and every one that is started is listed', () => {
    const others = files.filter((name) => !name.endsWith('system-programs.ts')).map(textOf);
    const listed = (['linux', 'darwin', 'win32'] as const).flatMap(programsOf).sort();
    const named = others.flatMap((text) =>
      [...text.matchAll(/(?:\brun(?:Program)?\(|program: |runForPropertyList\(run, )'([^']+)'/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect([...new Set(named)].sort()).toEqual(listed);
  });
});

describe('on Windows', () => {
  const home: ProgramHome = {
    platform: 'win32',
    uid: null,
    variables: { SystemRoot: 'C:\\Windows', Path: 'E:\\;.;C:\\Users\\me\\bin' },
  };

  test('each program is a file below the system’s folder, and works there', () => {
    for (const name of namesOf('win32')) {
      const start = startOf(name, home);
      expect(start?.file).toMatch(/^C:\\Windows\\System32\\.*\.exe$/);
      expect(start?.folder).toBe('C:\\Windows');
    }
    expect(filesOf('powershell.exe', home)).toEqual(['C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe']);
  });

  test.each([
    ['D:\\WINNT', 'D:\\WINNT'],
    [undefined, 'C:\\Windows'],
    ['', 'C:\\Windows'],
    ['.', 'C:\\Windows'],
    ['C:', 'C:\\Windows'],
    ['\\\\server\\share', 'C:\\Windows'],
    ['Windows', 'C:\\Windows'],
  ])('SystemRoot %j means %j', (SystemRoot, folder) => {
    expect(windowsFolder({ SystemRoot })).toBe(folder);
  });
});

test('on macOS each program is the file that the system holds, whatever PATH says', () => {
  const home: ProgramHome = { platform: 'darwin', uid: 0, variables: { PATH: '/opt/homebrew/bin:.' } };
  for (const name of namesOf('darwin')) {
    const start = startOf(name, home);
    expect(start?.file).toMatch(new RegExp(`^(/usr)?/s?bin/${name}$`));
    expect(start).toMatchObject({ folder: '/', path: '/usr/bin:/bin:/usr/sbin:/sbin' });
  }
});

describe('on Linux', () => {
  const of = (uid: number, PATH?: string): readonly string[] =>
    startOf('lsblk', { platform: 'linux', uid, variables: { PATH } })?.path?.split(':') ?? [];

  test('root’s programs come from folders that only root can change, whatever PATH says', () => {
    expect(of(0, '/home/me/bin:.')).toEqual(of(0));
    expect(of(0).every((folder) => /^\/(usr\/|run\/)?.*\bs?bin$/.test(folder))).toBe(true);
    expect(of(0).join()).not.toMatch(/home|local|opt/);
  });

  test('a user’s come from no folder that depends on the current one', () => {
    expect(of(1000, ':.:bin:../bin:./:/home/me/bin::/usr/bin:')).toEqual([
      '/home/me/bin',
      '/usr/bin',
      '/usr/sbin',
      '/sbin',
      '/bin',
    ]);
    expect(of(1000).length).toBeGreaterThan(0);
  });

  test('no program of another system is started', () => {
    expect(startOf('powershell.exe', { platform: 'linux', uid: 0, variables: {} })).toBeNull();
    expect(startOf('lsblk', { platform: 'win32', uid: null, variables: {} })).toBeNull();
    expect(filesOf('diskutil', { platform: 'linux', uid: 1000, variables: { PATH: '/bin' } })).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('a stranger’s lsblk', () => {
  /** A folder with an lsblk that is not the system's, and a PATH for one test. */
  function withStranger(path: (folder: string) => string): void {
    const { PATH } = process.env;
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'bin'));
    for (const place of [folder, join(folder, 'bin')]) {
      writeFileSync(join(place, 'lsblk'), '#!/bin/sh\necho stranger\n', { mode: 0o755 });
    }
    process.env['PATH'] = path(folder);
    onTestFinished(() => {
      process.env['PATH'] = PATH;
    });
  }

  test.runIf(process.geteuid?.() === 0)('in PATH is not run as root', async () => {
    withStranger((folder) => `${join(folder, 'bin')}:${process.env['PATH']}`);
    expect((await runProgram('lsblk', ['--version'])).stdout).not.toContain('stranger');
  });

  test('by a way from the current folder is run by nobody', async () => {
    withStranger((folder) => `${join('..', folder)}:.:`);
    expect((await runProgram('lsblk', ['--version'])).stdout).not.toContain('stranger');
  });
});
