import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createLockStore } from '../../computer/locks.ts';
import { SpacepackError } from '../../protocol/errors.ts';

/**
 * Runs `work` while nobody else on this computer publishes to the folder: a refresh by the clock must not take back what a person
 * just added. Rejects with `channel-busy`, naming the process that publishes, or with `not-ready` where this program may lock nothing.
 */
export async function withPublishLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  // One that is not there has no channel, which `work` finds out.
  const path = await realpath(folder).catch(() => resolve(folder));
  const release = await lock(`channel ${path}`);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function lock(name: string): Promise<() => Promise<void>> {
  try {
    return await createLockStore().acquire(name);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    const { message, cause } = thrown;
    if (cause === undefined) throw new SpacepackError('channel-busy', message, { cause: thrown });
    throw new SpacepackError('not-ready', message, {
      cause: thrown,
      remedy:
        'Run it outside of what confines this program (snap, AppArmor, a container), or remove what lies at that place.',
    });
  }
}
