import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onOwnDisk } from '../computer/own-disk.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { AgentComputer } from './agent-computer.ts';

const OTHERS_WRITE = 0o022;

/**
 * Demands that nobody but this user, and root, can change the settings or put other ones in their place: with the policy `auto`
 * they decide what is installed while nobody looks. Rejects with `not-ready`. Windows keeps a user's folders to the user.
 */
export async function requireOwnSettings(
  path: string,
  { platform, uid }: Pick<AgentComputer, 'platform' | 'uid'>,
): Promise<void> {
  if (platform === 'win32') return;
  for (const each of [path, dirname(path)]) {
    const found = await onOwnDisk(dirname(each), () => stat(each)).catch((thrown: unknown) => {
      if (thrown instanceof SpacepackError) throw thrown;
      return null;
    });
    if (found === null) continue;
    const isOurs = found.uid === uid || found.uid === 0;
    if (isOurs && (found.mode & OTHERS_WRITE) === 0) continue;
    const mode = `mode ${(found.mode & 0o777).toString(8).padStart(4, '0')}, owner ${found.uid}`;
    const message = `Expected for the policy "auto" that only you can write ${each}, found ${mode}.`;
    throw new SpacepackError('not-ready', message, {
      remedy: `See what is in ${path}, and then: ${isOurs ? '' : `chown ${uid} '${each}'; `}chmod go-w '${each}'`,
    });
  }
}
