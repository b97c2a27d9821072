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

type Watch = (folders: readonly string[], onReady: () => void, onEvent: () => void) => { close(): Promise<void> };

/**
 * Watches folders in which mount points appear: their own entries only, never a path inside a volume, for a watched file there
 * would keep the volume from being unmounted. A folder that does not exist yet is waited for in its nearest existing parent.
 *
 * A hint, never the truth: a mount over an existing folder emits nothing, and a new folder is seen before it is mounted on.
 */
export async function watchFolders(wanted: readonly string[]): Promise<Watcher> {
  const watch = await importWatch();
  let events = 0;
  const waiting = new Set<() => void>();
  let folders = await nearestExisting(wanted);
  let closed = false;

  const wake = (): void => {
    events += 1;
    for (const each of [...waiting]) each();
    follow();
  };
  // Also once a watcher is ready: what appeared while it was being made, it does not tell.
  const follow = (): void => {
    moveOn().catch(() => undefined);
  };
  const moveOn = async (): Promise<void> => {
    const nearest = await nearestExisting(wanted);
    if (closed || nearest.join('\n') === folders.join('\n')) return;
    // A folder added to a watcher that already watches its parent is not watched by chokidar: a new watcher is.
    const former = watching;
    folders = nearest;
    watching = watch(folders, follow, wake);
    await former.close();
  };
  let watching = watch(folders, follow, wake);

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
    close() {
      closed = true;
      return watching.close();
    },
  };
}

async function importWatch(): Promise<Watch> {
  const { watch } = await import('chokidar');
  return (folders, onReady, onEvent) => {
    const watcher = watch([...folders], {
      depth: 0,
      ignoreInitial: true,
      followSymlinks: false,
      ignorePermissionErrors: true,
      // The process may end while this watches. On Windows chokidar would leave errors of such a watch unheard.
      persistent: false,
      usePolling: process.platform === 'win32',
    });
    // Before it is ready, chokidar tells of links that were there all along, whatever `ignoreInitial` says.
    watcher.on('ready', () => {
      watcher.on('all', onEvent);
      onReady();
    });
    // The looks go on; a watch that failed is no fault.
    watcher.on('error', () => undefined);
    return watcher;
  };
}

async function nearestExisting(folders: readonly string[]): Promise<readonly string[]> {
  return [...new Set(await Promise.all(folders.map(existing)))];
}

async function existing(folder: string): Promise<string> {
  const parent = dirname(folder);
  const found = await stat(folder).catch(() => null);
  return found?.isDirectory() || parent === folder ? folder : existing(parent);
}
