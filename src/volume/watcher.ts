import { watch as watchPlainly } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What to watch. */
export interface Watched {
  /** Folders in which mount points appear; they need not exist yet. None lies inside a volume. */
  readonly mountParents: readonly string[];
  /** Small folders of the system's own in which an entry is made, changed or removed when a drive or a mount comes or goes. */
  readonly notes: readonly string[];
}

/** Counts what happens in some folders. */
export interface Watcher {
  /** Grows with each event. */
  count(): number;
  /** Calls `listener` at each event until the function that it gives back is called. */
  onEvent(listener: () => void): () => void;
  close(): Promise<void>;
}

type Watch = (folders: readonly string[], onReady: () => void, onEvent: () => void) => { close(): Promise<void> };

/**
 * Watches the entries of the mount points' parents only, never a path inside a volume: a watched file there would keep the
 * volume from being unmounted. A folder that does not exist yet is waited for in its nearest existing parent.
 *
 * A hint, never the truth: a mount over an existing folder emits nothing, and a new folder is seen before it is mounted on.
 */
export async function watchFolders({ mountParents: wanted, notes }: Watched): Promise<Watcher> {
  const watch = await importWatch();
  let events = 0;
  const listeners = new Set<() => void>();
  let folders = await nearestExisting(wanted);
  let closed = false;

  const wake = (): void => {
    events += 1;
    for (const each of listeners) each();
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
    watching = watchParents();
    await former.close();
  };
  const watchParents = (): ReturnType<Watch> =>
    watch(folders, follow, () => {
      wake();
      follow();
    });
  let watching = watchParents();
  const closers = notes.map((folder) => watchEntries(folder, wake));

  return {
    count: () => events,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closed = true;
      for (const close of closers) close();
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

/** Without chokidar, which would watch each of some hundred files there by itself. */
function watchEntries(folder: string, onEvent: () => void): () => void {
  try {
    const watcher = watchPlainly(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}

async function nearestExisting(folders: readonly string[]): Promise<readonly string[]> {
  return [...new Set(await Promise.all(folders.map(existing)))];
}

async function existing(folder: string): Promise<string> {
  const parent = dirname(folder);
  const found = await stat(folder).catch(() => null);
  return found?.isDirectory() || parent === folder ? folder : existing(parent);
}
