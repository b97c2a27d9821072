import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onOwnDisk } from '../computer/own-disk.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { AgentComputer } from './agent-computer.ts';

const OTHERS_WRITE = 0o022;

/**
 * Requires that only this user and root can change or replace the settings: with the policy `auto`, they decide what is
 * installed unattended. Rejects with `not-ready`. Windows already reserves a user's folders for the user.
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
    const message = `Expected that only you can write ${each}, which the policy "auto" requires, found ${mode}.`;
    throw new SpacepackError('not-ready', message, {
      remedy: `Check the content of ${path}, and then run: ${isOurs ? '' : `chown ${uid} '${each}'; `}chmod go-w '${each}'`,
    });
  }
}
