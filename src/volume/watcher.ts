import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Counts what happens in some folders. */
export interface Watcher {
  /** Grows with each event. */
  count(): number;
  /** Resolves with the next event, or when the signal aborts. */
  next(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Watches folders in which mount points appear: their own entries only, never a path inside a volume, for a watched file there
 * would keep the volume from being unmounted. A folder that does not exist yet is waited for in its nearest existing parent.
 *
 * A hint, never the truth: a mount over an existing folder emits nothing, and a new folder is seen before it is mounted on.
 */
export async function watchFolders(wanted: readonly string[]): Promise<Watcher> {
  const { watch } = await import('chokidar');
  let events = 0;
  const waiting = new Set<() => void>();
  const watcher = watch(await nearestExisting(wanted), {
    depth: 0,
    ignoreInitial: true,
    followSymlinks: false,
    ignorePermissionErrors: true,
    // The process may end while this watches. On Windows chokidar would leave errors of such a watch unheard.
    persistent: false,
    usePolling: process.platform === 'win32',
  });
  const wake = (): void => {
    events += 1;
    for (const each of [...waiting]) each();
    // A wanted folder may just have appeared; adding one that is watched already does nothing.
    nearestExisting(wanted)
      .then((folders) => watcher.closed || watcher.add([...folders]))
      .catch(() => undefined);
  };
  watcher.on('all', wake);
  // The slow look goes on; a watch that failed is no fault.
  watcher.on('error', () => undefined);
  return {
    count: () => events,
    next: (signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          waiting.delete(end);
          signal.removeEventListener('abort', end);
          resolve();
        };
        if (signal.aborted) return resolve();
        waiting.add(end);
        signal.addEventListener('abort', end, { once: true });
      }),
    close: () => watcher.close(),
  };
}

async function nearestExisting(folders: readonly string[]): Promise<string[]> {
  return [...new Set(await Promise.all(folders.map(existing)))];
}

async function existing(folder: string): Promise<string> {
  const parent = dirname(folder);
  const found = await stat(folder).catch(() => null);
  return found?.isDirectory() || parent === folder ? folder : existing(parent);
}
