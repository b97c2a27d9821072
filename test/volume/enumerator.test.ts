import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/computer/clock.ts';
import { askDrivelist, drivelistOnce } from '../../src/volume/drivelist.ts';
import { createEnumerator } from '../../src/volume/enumerator.ts';
import { buildProgram } from '../agent/built-program.ts';
import { temporaryFolder } from '../cli/harness.ts';
import { jumpingClock } from './a-volume.ts';

describe('drivelist', () => {
  test('that hangs is given up, and not asked again', async () => {
    let asked = 0;
    const enumerator = createEnumerator(() => {
      asked += 1;
      return new Promise(() => undefined);
    }, jumpingClock());
    expect(await enumerator.disks()).toBeNull();
    expect(await enumerator.disks()).toBeNull();
    expect(asked).toBe(1);
    expect(enumerator.report()).toMatchObject({ used: 'own' });
  });

  test('that throws is not asked again either, and the reason is kept in one line', async () => {
    const enumerator = createEnumerator(() => Promise.reject(new Error('no binding\nat line 1')), systemClock);
    expect(await enumerator.disks()).toBeNull();
    expect(enumerator.report()).toEqual({ used: 'own', reason: 'no binding' });
  });

  test('that answers is believed', async () => {
    const disks = [{ device: '/dev/sdb', external: true }];
    const enumerator = createEnumerator(async () => disks, systemClock);
    expect(await enumerator.disks()).toEqual(disks);
    expect(enumerator.report()).toEqual({ used: 'drivelist', reason: null });
  });

  test('that is not installed is said so, without a path of this computer', async () => {
    const enumerator = createEnumerator(
      () => askDrivelist(() => import('spacepack-no-such-package' as string)),
      systemClock,
    );
    expect(await enumerator.disks()).toBeNull();
    expect(enumerator.report()).toEqual({ used: 'own', reason: 'it is not installed' });
  });

  test('is not there for the other tests, in this process and in the program that they start', async () => {
    await expect(drivelistOnce()).rejects.toThrow();
    const main = buildProgram('spacepack-without-drivelist-test');
    const script = "import('drivelist').then(() => 'there', ({ code }) => code).then(console.log)";
    const said = execFileSync(process.execPath, ['-e', script], { cwd: dirname(main), encoding: 'utf8' });
    expect(said).toBe('ERR_MODULE_NOT_FOUND\n');
  });

  test.runIf(process.platform === 'linux')('starts no lsblk of a stranger, and PATH is as it was', async () => {
    const folder = temporaryFolder();
    const witness = join(folder, 'was-run');
    writeFileSync(join(folder, 'lsblk'), `#!/bin/sh\n: >'${witness}'\n`, { mode: 0o755 });
    const { PATH } = process.env;
    const hostile = `${process.geteuid?.() === 0 ? folder : '.'}:${PATH}`;
    onTestFinished(() => {
      process.env['PATH'] = PATH;
    });
    process.env['PATH'] = hostile;
    const list = (): Promise<unknown[]> => {
      expect(process.env['PATH']).not.toMatch(/spacepack-|(^|:)\./);
      return Promise.resolve([]);
    };
    expect(await askDrivelist(async () => ({ list }))).toEqual([]);
    expect(process.env['PATH']).toBe(hostile);
    await expect(askDrivelist(async () => ({ list: () => Promise.reject(new Error('no')) }))).rejects.toThrow('no');
    expect(process.env['PATH']).toBe(hostile);
    vi.doUnmock('drivelist');
    vi.resetModules();
    const { drivelistOnce: installed } = await import('../../src/volume/drivelist.ts');
    await installed().catch(() => undefined);
    expect(existsSync(witness)).toBe(false);
  });

  test('as it is installed here answers or rejects, and does not end the process', async () => {
    vi.doUnmock('drivelist');
    vi.resetModules();
    const { drivelistOnce } = await import('../../src/volume/drivelist.ts');
    const answer = await drivelistOnce().catch((thrown: unknown) => thrown);
    expect(Array.isArray(answer) || answer instanceof Error).toBe(true);
  });
});
