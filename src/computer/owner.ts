import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The one rule for what root creates in another user's place, as `sudo` does with the user's HOME: it belongs to the
 * owner of the folder it is in, so that users can still use and remove what is in their homes. Does nothing if this
 * user is not root. Rejects with the system's error.
 */
export async function handOver(made: FileHandle, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  if (uid !== 0) await made.chown(uid, gid);
}

/** The same for a folder that was just created. Anything that took its place meanwhile is never followed. */
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

/** For a group, and for everybody. */
const OTHERS_WRITE = 0o022;

/**
 * Why others could change what is at a path of ours, in the words of a finding; `null`: only this user can. What root
 * has made in a user's home belongs to that user, who could replace it anyway. Windows reserves a user's folders for the
 * user itself. Rejects with the system's error.
 */
export async function strangersAt(path: string, found: Pick<Stats, 'mode' | 'uid'>): Promise<string | null> {
  const own = process.getuid?.();
  if (own === undefined) return null;
  const isOwn = found.uid === own || (own === 0 && found.uid === (await stat(dirname(path))).uid);
  if (!isOwn) return `that it belongs to user ${found.uid}`;
  return (found.mode & OTHERS_WRITE) === 0 ? null : `mode ${(found.mode & 0o777).toString(8)}`;
}
