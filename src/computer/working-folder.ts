import { isAbsolute, parse, relative, resolve, sep } from 'node:path';

/** Where this process stood before it left a volume; `null`: it still stands where it was started. */
let before: string | null = null;

/** A path as whoever typed it meant it: from the folder in which this process was started. */
export function asTyped(path: string): string {
  return before === null ? resolve(path) : resolve(before, path);
}

/**
 * Steps out of a folder that is about to be unmounted, if this process stands in it: it would hold it up itself. Into the root of
 * the system's drive, as daemons do; paths that were typed keep their meaning by `asTyped`. Never throws: a worker thread cannot.
 */
export function leaveFolder(path: string): void {
  try {
    const here = process.cwd();
    const way = relative(path, here);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return;
    process.chdir(process.platform === 'win32' ? parse(process.env['SystemRoot'] ?? process.execPath).root : '/');
    before ??= here;
  } catch {
    // The folder has gone, or this thread has none of its own: whoever unmounts says what holds it.
  }
}
