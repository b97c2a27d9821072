import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createLockStore } from '../../computer/locks.ts';
import { SpacepackError } from '../../protocol/errors.ts';

/**
 * Runs `work` while nobody else on this computer publishes to the folder: a scheduled refresh must not undo what a
 * person just added. Rejects with `channel-busy`, naming the process that publishes, or with `not-ready` if this
 * program cannot take locks.
 */
export async function withPublishLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  // A folder that does not exist has no channel; `work` finds that out.
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
      remedy: 'Run it unconfined (outside the snap, AppArmor or container), or remove what is at that place.',
    });
  }
}
