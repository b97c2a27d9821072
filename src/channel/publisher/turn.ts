import { open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../../computer/errno.ts';
import { readText } from '../../computer/own-disk.ts';
import { SpacepackError } from '../../protocol/errors.ts';

const FILE = '.publishing';

function isGone(holder: string): boolean {
  const [pid, host] = holder.split(' ');
  if (host !== hostname() || !/^\d+$/.test(pid ?? '')) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (thrown) {
    return errnoOf(thrown) === 'ESRCH';
  }
}

async function takeTurn(path: string, again: boolean): Promise<void> {
  try {
    const handle = await open(path, 'wx', 0o600);
    await handle.writeFile(`${process.pid} ${hostname()}`);
    await handle.close();
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST') throw thrown;
    const holder = await readText(path).catch(() => '');
    if (!again || !isGone(holder)) {
      const remedy = `Wait until it has ended; if there is none, remove ${path}.`;
      throw new SpacepackError('channel-busy', `${path}: expected none; found that of process ${holder}.`, { remedy });
    }
    await rm(path, { force: true });
    await takeTurn(path, false);
  }
}

/** One at a time publishes to a folder: a refresh by the clock must not take back what a person just added. Rejects with `channel-busy`. */
export async function withTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, FILE);
  await takeTurn(path, true);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
