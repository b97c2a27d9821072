import { access } from 'node:fs/promises';

/** Whether there is something of that name that this user can reach. */
export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
