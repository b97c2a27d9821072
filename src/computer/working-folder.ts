import { isAbsolute, relative, resolve, sep } from 'node:path';
import { windowsFolder } from './system-programs.ts';

/** The folder this process was in before it left a volume; `null`: it is still where it was started. */
let before: string | null = null;

/** A path as it was typed: relative to the folder in which this process was started. */
export function asTyped(path: string): string {
  return before === null ? resolve(path) : resolve(before, path);
}

/**
 * Leaves a folder that is about to be unmounted, if this process is in it, because it would block the unmount itself.
 * It moves to the root, as daemons do, or to the folder of Windows; `asTyped` keeps the meaning of typed paths. Never
 * throws: a worker thread cannot change folders.
 */
export function leaveFolder(path: string): void {
  try {
    const here = process.cwd();
    const way = relative(path, here);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return;
    process.chdir(process.platform === 'win32' ? windowsFolder(process.env) : '/');
    before ??= here;
  } catch {
    // The folder is gone, or this thread cannot change folders: the unmount reports what holds it.
  }
}
