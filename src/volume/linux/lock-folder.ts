import type { FileHandle } from 'node:fs/promises';
import type { RunProgram } from '../../computer/run-program.ts';

/**
 * Takes the lock of flock(2) on an open folder, by the program of util-linux or busybox: a lock belongs to the open folder, so it
 * stays with this process when that program, to which the folder is lent as its standard input, has ended; and it goes when the
 * folder is closed, or its process ends. Everyone who opens the same file system shares it, through whatever mount, in whatever
 * namespace. `false`: somebody has it. `true`, too, where the lock cannot be had: no such program, or no locks on that file system.
 */
export async function lockFolder(run: RunProgram, { fd }: FileHandle): Promise<boolean> {
  const { status, stderr } = await run('flock', ['-x', '-n', '0'], { stdin: fd });
  // Both programs end with 1, and without a word, if somebody has it.
  return !(status === 1 && stderr.trim() === '');
}
