import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPayload, createFolderWorld, type FolderWorld } from '../fake-volume/index.ts';
import { parseEvent, temporaryFile, temporaryFolder } from './harness.ts';

/** What only a real process can show. It runs what the package ships: the compiled code, in a place where it finds its packages. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const place = join(root, 'node_modules', '.cache', 'spacepack-cli-test');
const main = join(place, 'dist', 'src', 'cli', 'main.js');
const stateDirectory = temporaryFolder();
/** A device that takes no longer than it must. */
const QUICK = { attach: 50, verify: 50, erase: 50, program: 50, start: 50 };

beforeAll(() => {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }');
  const compiler = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
  // Types and declarations are checked elsewhere.
  const emitOnly = ['--noCheck', '--isolatedDeclarations', 'false', '--declaration', 'false'];
  execFileSync(compiler, ['-p', 'tsconfig.build.json', ...emitOnly, '--outDir', join(place, 'dist')], { cwd: root });
});

interface Process {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
}

function start(argv: readonly string[], onLine: (line: string, child: ChildProcess) => void = () => {}): Process {
  const env = { ...process.env, SPACEPACK_STATE_DIR: stateDirectory, SPACEPACK_CONFIG_DIR: stateDirectory };
  const child = spawn(process.execPath, [main, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    for (const line of String(chunk).split('\n').filter(Boolean)) onLine(line, child);
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Awaited<Process['ended']>>((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, ended };
}

const run = (...argv: readonly string[]): Process['ended'] => start(argv).ended;

test('--version is answered, and nothing else', async () => {
  expect(await run('--version')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  });
});

test('a usage error has status 2 and goes to the standard error', async () => {
  expect(await run('frobnicate')).toMatchObject({ status: 2, stdout: '' });
});

test('--help is complete, though its reader is a pipe', async () => {
  const { status, stdout } = await run('update', '--help');
  expect(status).toBe(0);
  expect(stdout.trimEnd().endsWith('.')).toBe(true);
});

describe('on a device made of folders', () => {
  const image = temporaryFile('firmware.dfu', buildPayload());
  let world: FolderWorld;
  let folder: string;

  async function plugIn(): Promise<void> {
    folder = join(temporaryFolder(), 'bus');
    world = createFolderWorld({ root: folder, devices: [{ settings: { quietMs: 500, durations: QUICK } }] });
    await expect.poll(() => existsSync(join(folder, 'SPACEPACK', 'SPACEPAK', 'STATUS.TXT'))).toBe(true);
  }
  afterAll(() => world?.dispose());

  test('an update ends with status 0, and every line is an event', async () => {
    await plugIn();
    const { status, stdout } = await run('update', image, '--root', folder, '--json');
    const events = stdout.trimEnd().split('\n').map(parseEvent);
    expect(events.at(-1)).toMatchObject({ event: 'result', verdict: 'applied' });
    expect(status).toBe(0);
    const again = await run('update', image, '--root', folder, '--json');
    expect(again.stdout).toContain('already-current');
    world.dispose();
  });

  test('a reader that goes away changes nothing for the device, nor for the status', async () => {
    await plugIn();
    const { child, ended } = start(['update', image, '--root', folder, '--json'], (_, it) => {
      it.stdout?.destroy();
      it.stderr?.destroy();
    });
    child.stdout?.on('error', () => {});
    expect((await ended).status).toBe(0);
    expect(world.devices[0]?.firmware.memory.bootCount).toBe(2);
    world.dispose();
  });

  test('SIGINT before the commit: status 130, and nothing is left on the volume', async () => {
    await plugIn();
    const large = temporaryFile('large.dfu', buildPayload({ code: new Uint8Array(48 * 1024 * 1024) }));
    const { ended } = start(['update', large, '--root', folder, '--json'], (line, child) => {
      if (line.includes('"phase":"stage"')) child.kill('SIGINT');
    });
    const { status, stdout } = await ended;
    expect({ status, result: stdout.trimEnd().split('\n').map(parseEvent).at(-1) }).toMatchObject({
      status: 130,
      result: { code: 'interrupted', oldFirmware: 'runs' },
    });
    expect(existsSync(join(folder, 'SPACEPACK', 'SPACEPAK', 'UPDATE.BIN'))).toBe(false);
    world.dispose();
  });

  test('SIGTERM after the commit: status 9, the device goes on, and the next run finds out', async () => {
    await plugIn();
    const { ended } = start(['update', image, '--root', folder, '--json'], (line, child) => {
      if (line.includes('"phase":"depart"')) child.kill('SIGTERM');
    });
    expect((await ended).status).toBe(9);
    await expect.poll(() => world.devices[0]?.firmware.memory.bootCount).toBe(2);
    await expect.poll(() => existsSync(join(folder, 'SPACEPACK'))).toBe(true);
    const { status, stdout } = await run('update', image, '--root', folder, '--json');
    expect(stdout).toContain('record-resolved');
    expect(status).toBe(0);
    world.dispose();
  });
});
