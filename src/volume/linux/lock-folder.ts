import type { FileHandle } from 'node:fs/promises';
import type { RunProgram } from '../../computer/run-program.ts';

/**
 * Takes the lock of flock(2) on an open folder, with the program of util-linux or busybox. The program gets the folder
 * as its standard input. The lock belongs to the open folder, so this process keeps it after the program has ended; it
 * is released when the folder is closed or this process ends. Everyone who opens the same file system shares it,
 * through any mount and in any namespace. `false`: somebody else has it. Also `true` if there can be no lock: no such
 * program, or no locks on that file system.
 */
export async function lockFolder(run: RunProgram, { fd }: FileHandle): Promise<boolean> {
  const { status, stderr } = await run('flock', ['-x', '-n', '0'], { stdin: fd });
  // Both programs exit with 1 and print nothing if somebody else has it.
  return !(status === 1 && stderr.trim() === '');
}
