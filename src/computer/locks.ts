import { readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { SpacepackError } from '../protocol/errors.ts';
import { errnoOf } from './errno.ts';
import { type Open, readHolder, takeByFile } from './lock-file.ts';
import { askHolder, takeByListening } from './lock-listener.ts';
import { fileNameOf } from './state-directory.ts';

export interface LockStore {
  /**
   * Takes the lock `name` on the whole computer, for all users, or rejects with `device-locked`, naming who holds it.
   * Call the result to give it back; a process that ends gives it back too.
   */
  acquire(name: string): Promise<() => Promise<void>>;
}

/** How one system reserves a name for one process on the whole computer. */
export interface LockWay {
  /** The place of the lock with this name. */
  place(name: string): string;
  /** Resolves with a function that gives it back, or `null`: somebody else has it. Rejects with the system's error. */
  take(place: string, introduction: string): Promise<(() => Promise<void>) | null>;
  /** What the holder says about itself, not to be trusted; `null`: there is no holder any more. */
  ask(place: string): Promise<string | null>;
  /**
   * The process that has it, according to the system, if the holder does not answer; `null`: the system does not say.
   */
  find?(place: string): Promise<number | null>;
  /** The names of all locks that are held, as far as the system says. */
  names(): Promise<readonly string[]>;
}

/**
 * Linux: a socket in the abstract namespace, which has no file, owner or mode, and ends with its process. Its name
 * fills all of `sun_path`: some versions of node pad a shorter name with zeros, which become part of it, and some do
 * not (unix(7)).
 */
const LINUX: LockWay = {
  place: (name) => `\0${`spacepack/${name}/`.padEnd(107, '.')}`,
  take: takeByListening,
  ask: askHolder,
  async find(place) {
    const { holdersOf } = await import('./holders.ts');
    const inode = (await listeners()).find(({ name }) => LINUX.place(name) === place)?.inode;
    const [holder] = inode === undefined ? [] : await holdersOf('/proc', `socket:[${inode}]`);
    return holder?.pid ?? null;
  },
  names: async () => (await listeners()).map(({ name }) => name),
};

async function listeners(): Promise<readonly { readonly name: string; readonly inode: string }[]> {
  // The flag means that it listens; a connection to the holder has the same name without the flag.
  const listening = /^\S+ \S+ \S+ 00010000 \S+ \S+ +(\d+) @spacepack\/([^/\s]+)\/\.*$/gm;
  const found = (await readFile('/proc/net/unix', 'latin1')).matchAll(listening);
  return [...found].map(([, inode = '', name = '']) => ({ name, inode }));
}

const PIPES = '\\\\.\\pipe\\';
/** Windows: a pipe, whose first instance libuv creates exclusively (FILE_FLAG_FIRST_PIPE_INSTANCE). */
const WINDOWS: LockWay = {
  place: (name) => `${PIPES}spacepack-${name}`,
  take: takeByListening,
  ask: askHolder,
  names: async () => (await readdir(PIPES)).flatMap((name) => /^spacepack-(.+)$/.exec(name)?.[1] ?? []),
};

/**
 * macOS: a file in a folder where every user may create one; it stays there. Anything else in its place is never
 * followed and is not a lock: a lock that cannot be taken for another reason is not reported as held.
 */
export function lockFiles(folder: string, open?: Open): LockWay {
  const place: LockWay['place'] = (name) => join(folder, `spacepack-${name}.lock`);
  return {
    place,
    take: (path, introduction) => takeByFile(path, introduction, open),
    ask: (path) => readHolder(path, open),
    async names() {
      const names = (await readdir(folder)).flatMap((name) => /^spacepack-(.+)\.lock$/.exec(name)?.[1] ?? []);
      const held: string[] = [];
      for (const name of names) {
        const giveBack = await takeByFile(place(name), '', open).catch(() => undefined);
        if (giveBack === null) held.push(name);
        await giveBack?.();
      }
      return held;
    },
  };
}

/** `/tmp` itself is a link on macOS. */
const DARWIN = lockFiles('/private/tmp');

function lockWay(platform: NodeJS.Platform = process.platform): LockWay {
  return platform === 'win32' ? WINDOWS : platform === 'darwin' ? DARWIN : LINUX;
}

/** The prefix of lock names in a separate world. */
const OTHER_WORLD = 'in-a-folder-';

/** The holder may release the lock before we ask who it is. */
const TRIES = 3;

/**
 * Locks between all processes on the computer, for any user, home and pid namespace. The system itself keeps each lock
 * and frees it when its process ends, killed or not. On Linux, processes in separate network namespaces do not see each
 * other's locks; there `VolumePort.hold` keeps them apart. `scope` is the world: devices in another world are different
 * devices, even with the same serial number. `pid`, the process to signal in order to end this one, is reported to runs
 * that are refused.
 */
export function createLockStore(scope: string = '', way: LockWay = lockWay(), pid: number = process.pid): LockStore {
  return {
    async acquire(name) {
      const place = way.place(
        scope === '' ? await fileNameOf(name) : OTHER_WORLD + (await fileNameOf(`${name}\0${scope}`)),
      );
      for (let left = TRIES - 1; ; left -= 1) {
        const giveBack = await take(way, place, name, pid);
        if (giveBack !== null) return giveBack;
        const said = await way.ask(place);
        if (said !== null || left === 0) {
          throw new SpacepackError('device-locked', await sentenceOf(name, said ?? '', way, place));
        }
      }
    },
  };
}

/**
 * Who holds which lock on the computer now, one sentence each; what the system does not report is left out. Rejects
 * with the system's error if it reports nothing at all.
 */
export async function describeLocks(way: LockWay = lockWay()): Promise<readonly string[]> {
  const names = await way.names();
  const held = names.map(async (name) => {
    const [, plain] = /^(.+)-[0-9a-f]{16}$/.exec(name) ?? [];
    if (plain === undefined || name.startsWith(OTHER_WORLD)) return null;
    const place = way.place(name);
    const said = await way.ask(place).catch(() => '');
    return said === null ? null : sentenceOf(plain, said, way, place);
  });
  return (await Promise.all(held)).filter((sentence) => sentence !== null);
}

async function take(way: LockWay, place: string, name: string, pid: number): Promise<(() => Promise<void>) | null> {
  try {
    return await way.take(place, introduction(pid));
  } catch (thrown) {
    const found = `${errnoOf(thrown) ?? String(thrown)} at ${place.replaceAll('\0', '@')}`;
    const message = `${name}: expected to lock it on this computer, found ${found}.`;
    throw new SpacepackError('device-locked', message, {
      cause: thrown,
      remedy:
        'It is not known whether another run holds the device. If this program is confined (snap, AppArmor, a container), run it ' +
        'unconfined; if something else is at that place, remove it.',
    });
  }
}

/** `PID USER SINCE`. */
function introduction(pid: number): string {
  return `${pid} ${userName()} ${new Date().toISOString()}`;
}

function userName(): string {
  try {
    return userInfo().username.replace(/\s/g, '_');
  } catch {
    // A user without an entry in passwd, as in many containers.
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** Anyone who can open the place can say anything there, so only text in the form of an introduction is repeated. */
async function sentenceOf(name: string, said: string, way: LockWay, place: string): Promise<string> {
  const [, pid, user, since] = /^(\d{1,10}) ([\p{L}\p{N}._$\\@-]{1,64}) (\d{4}-[\d:.TZ-]{1,24})$/u.exec(said) ?? [];
  if (pid !== undefined) return `process ${pid} of ${user} has held ${name} since ${since}`;
  const silent = said === '' ? await way.find?.(place).catch(() => null) : null;
  if (!silent) return `another run, which does not say who it is, has held ${name}`;
  // It may react to no other signal: it is stopped, or its supervisor is gone.
  const ways = `\`kill -CONT ${silent}\` resumes it if it is stopped, \`kill -KILL ${silent}\` ends it`;
  return `process ${silent}, which does not answer, has held ${name}; ${ways}`;
}
