import type { LoginItem } from '../../../agent/login-item.ts';
import type { Machine } from '../../../agent/machine.ts';
import { loginItemOf } from '../../../agent/systems.ts';
import { SpacepackError } from '../../../protocol/errors.ts';

/** The login item of this system. Rejects with `not-ready` where there is none that we know. */
export async function requireLoginItem(machine: Machine): Promise<LoginItem> {
  const item = await loginItemOf(machine);
  if (item !== null) return item;
  throw new SpacepackError('not-ready', `Expected Linux, macOS or Windows, found ${machine.platform}.`, {
    remedy: 'Start `spacepack agent run --once` from what your system starts at login, and daily.',
  });
}
