import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ProgramOptions, type Ran, runFile, runProgram, runTogether } from '../../src/computer/run-program.ts';
import { temporaryFolder } from '../volume/a-volume.ts';

const node = (script: string, options?: ProgramOptions): Promise<Ran> =>
  runFile({ file: process.execPath, folder: '/', path: null }, ['-e', script], options);

describe('running a program', () => {
  test('gives its status and what it printed', async () => {
    expect(await node('console.log("out"); console.error("err"); process.exitCode = 3')).toEqual({
      status: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      failure: null,
    });
  });

  test('that is not installed is an answer, no exception', async () => {
    const nowhere = { file: 'spacepack-no-such-program', folder: '/', path: '/usr/bin' };
    expect(await runFile(nowhere, [])).toMatchObject({ status: null, failure: 'missing' });
    const ofAnother = process.platform === 'darwin' ? 'lsblk' : 'diskutil';
    expect(await runProgram(ofAnother, [])).toMatchObject({ status: null, failure: 'missing' });
  });

  test('that hangs is given up', async () => {
    expect(await node('setInterval(() => {}, 1000)', { limitMs: 200 })).toMatchObject({ failure: 'too-slow' });
  });

  test('that prints without end is given up', async () => {
    const endless = 'const s = "x".repeat(1 << 20); for (;;) require("fs").writeSync(1, s)';
    expect(await node(endless, { limitMs: 30_000 })).toMatchObject({ failure: 'too-long' });
  });

  test('that is killed is told from one that ended', async () => {
    expect(await node('process.kill(process.pid, "SIGKILL")')).toMatchObject({ status: null, failure: 'killed' });
  });

  test('works in no folder of the user and speaks English', async () => {
    const { stdout } = await node('console.log(process.cwd(), process.env.LC_ALL)');
    expect(stdout).toBe('/ C\n');
  });

  test.skipIf(process.platform !== 'linux')('is out of reach of Ctrl-C at our terminal', async () => {
    const { stdout } = await node('console.log(require("fs").readFileSync("/proc/self/stat", "utf8"))');
    const [pid, , , , group] = stdout.split(' ');
    expect(group).toBe(pid);
  });

  test('can be handed an open file', async () => {
    const path = join(await temporaryFolder(), 'file');
    writeFileSync(path, 'content');
    const handle = await open(path);
    expect(await node('process.stdin.pipe(process.stdout)', { stdin: handle.fd })).toMatchObject({ stdout: 'content' });
    await handle.close();
  });
});

describe('programs that have a time together', () => {
  const world = { now: 0, gaps: 0, takesMs: 40_000, sleeps: false };
  const limits: (number | undefined)[] = [];
  const together = runTogether(
    {
      clock: { now: () => world.now, gaps: () => world.gaps, sleep: async () => undefined },
      run: async (_program, _args, options) => {
        limits.push(options?.limitMs);
        world.now += world.takesMs;
        if (world.sleeps) world.gaps += 1;
        return { status: 0, stdout: '', stderr: '', failure: null };
      },
    },
    100_000,
  );

  test('get what is left of it, time in which the computer slept left out, and then none', async () => {
    await together('udisksctl', [], { limitMs: 80_000 });
    Object.assign(world, { takesMs: 3_600_000, sleeps: true });
    await together('umount', [], { limitMs: 110_000 });
    Object.assign(world, { takesMs: 60_000, sleeps: false });
    await together('umount', [], { limitMs: 110_000 });
    expect(await together('umount', [])).toMatchObject({ status: null, failure: 'too-slow' });
    expect(limits).toEqual([80_000, 60_000, 60_000]);
  });
});
