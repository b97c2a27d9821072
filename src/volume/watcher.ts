import { watch as watchPlainly } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What to watch. */
export interface Watched {
  /** Folders in which mount points appear; they need not exist yet. None is inside a volume. */
  readonly mountParents: readonly string[];
  /** Small system folders in which an entry is created, changed or removed when a drive or a mount comes or goes. */
  readonly notes: readonly string[];
}

/** Counts what happens in some folders. */
export interface Watcher {
  /** Grows with each event. */
  count(): number;
  /** Calls `listener` at each event until the returned function is called. */
  onEvent(listener: () => void): () => void;
  close(): Promise<void>;
}

type Watch = (folders: readonly string[], onReady: () => void, onEvent: () => void) => { close(): Promise<void> };

/**
 * Watches the entries of the mount points' parents only, never a path inside a volume: a watched file there would block
 * its unmount. If a folder does not exist yet, its nearest existing parent is watched.
 *
 * A hint, never proof: a mount over an existing folder emits nothing, and a new folder is seen before something is
 * mounted on it.
 *
 * Adding a watch looks the path up on the program's only thread, where a folder that hangs would hang the program. So each
 * mount parent is looked up in the thread pool immediately before (`nearestExisting`, and chokidar itself); the notes are
 * in memory.
 */
export async function watchFolders({ mountParents: wanted, notes }: Watched): Promise<Watcher> {
  const watch = wanted.length === 0 ? watchNothing : await importWatch();
  let events = 0;
  const listeners = new Set<() => void>();
  let folders = await nearestExisting(wanted);
  let closed = false;

  const wake = (): void => {
    events += 1;
    for (const each of listeners) each();
  };
  // Also once a watcher is ready: it does not report what appeared while it was being created.
  const follow = (): void => {
    moveOn().catch(() => undefined);
  };
  const moveOn = async (): Promise<void> => {
    const nearest = await nearestExisting(wanted);
    if (closed || nearest.join('\n') === folders.join('\n')) return;
    // chokidar does not watch a folder that is added to a watcher of its parent; a new watcher does.
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

const watchNothing: Watch = () => ({ close: async () => undefined });

async function importWatch(): Promise<Watch> {
  const { watch } = await import('chokidar');
  return (folders, onReady, onEvent) => {
    const watcher = watch([...folders], {
      depth: 0,
      ignoreInitial: true,
      followSymlinks: false,
      ignorePermissionErrors: true,
      // The process may end while this watches. On Windows chokidar would not report errors of such a watch.
      persistent: false,
      usePolling: process.platform === 'win32',
    });
    // Before it is ready, chokidar reports links that were there all along, whatever `ignoreInitial` says.
    watcher.on('ready', () => {
      watcher.on('all', onEvent);
      onReady();
    });
    // Looking continues; a failed watch is not a fault.
    watcher.on('error', () => undefined);
    return watcher;
  };
}

/** Without chokidar, which would watch each of the hundreds of files there separately. */
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
