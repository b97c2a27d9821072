import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onOwnDisk } from '../computer/own-disk.ts';

/** Whether there is something of that name that this user can reach. */
export function isThere(path: string): Promise<boolean> {
  return onOwnDisk(dirname(path), () => access(path)).then(
    () => true,
    () => false,
  );
}
