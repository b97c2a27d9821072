import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The one rule for what root makes in somebody else's place, as `sudo` does with the user's HOME: it belongs to whoever owns the
 * folder that it was made in, so that this user can still use, and remove, what is in his home. Does nothing for other users.
 * Rejects with the system's error.
 */
export async function handOver(made: FileHandle, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  if (uid !== 0) await made.chown(uid, gid);
}

/** The same for a folder that was just made. What took its place meanwhile is never followed. */
export async function handOverFolder(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const made = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    await handOver(made, dirname(path));
  } finally {
    await made.close();
  }
}
