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
   * Takes what `name` stands for, on the whole computer and whoever the user is, or rejects with `device-locked` naming who holds
   * it. Call the result to give it back; a process that ends gives it back too.
   */
  acquire(name: string): Promise<() => Promise<void>>;
}

/** How one system keeps a name to one process of the whole computer. */
export interface LockWay {
  /** What stands for the lock of this name. */
  place(name: string): string;
  /** Resolves with what gives it back, or `null`: somebody has it. Rejects with the system's error. */
  take(place: string, introduction: string): Promise<(() => Promise<void>) | null>;
  /** What the holder says of itself, not to be trusted; `null`: there is none any more. */
  ask(place: string): Promise<string | null>;
  /** The process that has it, as the system tells, for one that does not answer; `null`: not told. */
  find?(place: string): Promise<number | null>;
  /** The names of all locks that are held, as far as the system tells. */
  names(): Promise<readonly string[]>;
}

/**
 * Linux: a socket in the abstract namespace, which has no file, no owner and no mode, and ends with its process. It fills all of
 * `sun_path`: some versions of node pad a shorter name with zeros, which are part of it, and some do not (unix(7)).
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
  // The flag says that it listens; a call to the holder has the same name without it.
  const listening = /^\S+ \S+ \S+ 00010000 \S+ \S+ +(\d+) @spacepack\/([^/\s]+)\/\.*$/gm;
  const found = (await readFile('/proc/net/unix', 'latin1')).matchAll(listening);
  return [...found].map(([, inode = '', name = '']) => ({ name, inode }));
}

const PIPES = '\\\\.\\pipe\\';
/** Windows: a pipe, of which libuv makes the first instance exclusively (FILE_FLAG_FIRST_PIPE_INSTANCE). */
const WINDOWS: LockWay = {
  place: (name) => `${PIPES}spacepack-${name}`,
  take: takeByListening,
  ask: askHolder,
  names: async () => (await readdir(PIPES)).flatMap((name) => /^spacepack-(.+)$/.exec(name)?.[1] ?? []),
};

/**
 * macOS: a file of a folder where every user may make one; it stays. What lies in the way is never followed, and is no lock: what
 * cannot be taken for another reason than that somebody has it is not said to be held.
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

/** `/tmp` itself is a link there. */
const DARWIN = lockFiles('/private/tmp');

function lockWay(platform: NodeJS.Platform = process.platform): LockWay {
  return platform === 'win32' ? WINDOWS : platform === 'darwin' ? DARWIN : LINUX;
}

/** What the names of locks in a world of its own begin with. */
const OTHER_WORLD = 'in-a-folder-';

/** The holder may let go between the refusal and the question who it is. */
const TRIES = 3;

/**
 * Locks between all processes of the computer, whoever runs them, with whatever home, in whatever pid namespace: the system itself
 * keeps each, and gives it free when its process ends, killed or not. Processes in a network namespace of their own do not see each
 * other's on Linux: there `VolumePort.hold` keeps them apart. `scope` is the world: devices of another one are others, whatever
 * their serial numbers. `pid` is told to whoever is refused: the process that a signal is to be sent to, to end this one.
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

/** Who holds which lock of the computer now, one sentence each; what the system does not tell is left out. Never rejects. */
export async function describeLocks(way: LockWay = lockWay()): Promise<readonly string[]> {
  const names = await way.names().catch(() => []);
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
    const message = `${name}: expected to lock it on this computer, found ${found}`;
    throw new SpacepackError('device-locked', message, {
      cause: thrown,
      remedy:
        'It cannot be told whether another run holds the device. If this program is confined (snap, AppArmor, a container), run it ' +
        'outside of that; if something lies at that place, remove it.',
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

/** Whoever may open the place may say anything there: only what has the form of an introduction is repeated. */
async function sentenceOf(name: string, said: string, way: LockWay, place: string): Promise<string> {
  const [, pid, user, since] = /^(\d{1,10}) ([\p{L}\p{N}._$\\@-]{1,64}) (\d{4}-[\d:.TZ-]{1,24})$/u.exec(said) ?? [];
  if (pid !== undefined) return `process ${pid} of ${user} has held ${name} since ${since}`;
  const silent = said === '' ? await way.find?.(place).catch(() => null) : null;
  if (!silent) return `another run, which does not say who it is, has held ${name}`;
  // It may be one that heeds no other signal now: stopped, or a program whose supervisor is gone.
  const ways = `\`kill -CONT ${silent}\` lets it go on if it is stopped, \`kill -KILL ${silent}\` ends it`;
  return `process ${silent}, which does not answer, has held ${name}; ${ways}`;
}
