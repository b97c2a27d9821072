import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLockStore } from '../../src/volume/locks.ts';
import { processStart } from '../../src/volume/process-start.ts';
import { fileNameOf, openStateFolder } from '../../src/volume/state-directory.ts';
import { temporaryFolder } from './a-volume.ts';

async function lockFolder(): Promise<{ folder: string; acquire: (serial: string) => Promise<() => Promise<void>> }> {
  const state = await temporaryFolder();
  const store = createLockStore(async () => state);
  return { folder: await openStateFolder(state, 'locks'), acquire: (serial) => store.acquire(serial) };
}

/** A process that lives until it is told to end. */
async function other(): Promise<{ pid: number; start: string; end: () => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); process.stdout.write("up")'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const pid = child.pid ?? 0;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid,
    start: (await processStart(pid)) ?? '',
    async end() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('the lock of a device', () => {
  test('is held by one run at a time and free again afterwards', async () => {
    const { folder, acquire } = await lockFolder();
    const release = await acquire('SP0042');
    await expect(acquire('SP0042')).rejects.toMatchObject({ code: 'device-locked' });
    await (await acquire('SP0043'))();
    await release();
    await (await acquire('SP0042'))();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of a living process is respected, and the message names it and since when', async () => {
    const { folder, acquire } = await lockFolder();
    const holder = await other();
    const since = '2026-01-02T03:04:05.678Z';
    writeFileSync(join(folder, `${await fileNameOf('SP0042')}.${holder.pid}.${holder.start}.lock`), `${since}\n`);
    const refused: unknown = await acquire('SP0042').catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'device-locked' });
    expect(String(refused)).toContain(String(holder.pid));
    expect(String(refused)).toContain(since);

    await holder.end();
    await (await acquire('SP0042'))();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of a process whose id now belongs to another one is taken over', async () => {
    const { folder, acquire } = await lockFolder();
    const stranger = await other();
    writeFileSync(join(folder, `${await fileNameOf('SP0042')}.${stranger.pid}.0-1.lock`), '');
    const release = await acquire('SP0042');
    expect(readdirSync(folder)).toHaveLength(1);
    await release();
    await stranger.end();
  });

  test('of another device whose name begins alike is left alone', async () => {
    const { folder, acquire } = await lockFolder();
    const foreign = ['notes.txt', `${await fileNameOf('SP0042')}x.1.1.lock`];
    for (const name of foreign) writeFileSync(join(folder, name), '');
    await (await acquire('SP0042'))();
    expect(readdirSync(folder).sort()).toEqual([...foreign].sort());
  });

  test('of many processes that come at the same moment, at most one gets it, and one does', async () => {
    const state = await temporaryFolder();
    const processes = await Promise.all(Array.from({ length: 3 }, other));
    for (let round = 0; round < 5; round += 1) {
      const runs = await Promise.allSettled(
        processes.map(({ pid }) => createLockStore(async () => state, undefined, pid).acquire('SP0042')),
      );
      const held = runs.filter((run) => run.status === 'fulfilled');
      expect(held).toHaveLength(1);
      await held[0]?.value();
    }
    for (const each of processes) await each.end();
  });

  test('of many devices at once hangs one listener on the process, and none afterwards', async () => {
    const { acquire } = await lockFolder();
    const before = process.listenerCount('exit');
    const releases = await Promise.all(Array.from({ length: 20 }, (_, index) => acquire(`SP${index}`)));
    expect(process.listenerCount('exit')).toBe(before + 1);
    for (const release of releases) await release();
    expect(process.listenerCount('exit')).toBe(before);
  });

  test('two runs inside one process do not share it either', async () => {
    const { acquire } = await lockFolder();
    const runs = await Promise.allSettled(Array.from({ length: 8 }, () => acquire('SP0042')));
    expect(runs.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
