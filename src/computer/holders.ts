import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A process that keeps a file or folder of a volume open. */
export interface HoldingProcess {
  readonly pid: number;
  readonly name: string;
  /**
   * `own`: this program, or one that it started; `shell`: one that started this program and keeps the volume in use;
   * else `other`.
   */
  readonly kind: 'own' | 'shell' | 'other';
}

/** The most to name: longer messages help nobody. */
const MOST = 5;

/**
 * Who holds files below a mount point: checks the working and root folder, program, open files and mapped files of
 * every process that this user may inspect. Works for a socket too, whose path is `socket:[INODE]`. An empty answer
 * proves nothing: other users' processes are not visible.
 */
export async function holdersOf(
  proc: string,
  mountPath: string,
  self: number = process.pid,
): Promise<readonly HoldingProcess[]> {
  const holders: HoldingProcess[] = [];
  const above = await ancestorsOf(proc, self);
  for (const pid of (await namesIn(proc)).filter((name) => /^\d+$/.test(name)).map(Number)) {
    if (!(await holds(join(proc, String(pid)), mountPath))) continue;
    const name = (await readFile(join(proc, String(pid), 'comm'), 'utf8').catch(() => '')).trim();
    const isOwn = pid === self || (await ancestorsOf(proc, pid)).includes(self);
    holders.push({ pid, name, kind: isOwn ? 'own' : above.includes(pid) ? 'shell' : 'other' });
    if (holders.length === MOST) break;
  }
  return holders;
}

/** A process's ancestors, the nearest first. */
async function ancestorsOf(proc: string, pid: number): Promise<readonly number[]> {
  const above: number[] = [];
  for (let next = await parentOf(proc, pid); next > 0 && !above.includes(next); next = await parentOf(proc, next)) {
    above.push(next);
  }
  return above;
}

/** Field 4 of stat; field 2 is a name in parentheses that may contain spaces and parentheses. 0: none. */
async function parentOf(proc: string, pid: number): Promise<number> {
  const stat = await readFile(join(proc, String(pid), 'stat'), 'utf8').catch(() => '');
  return Number(/^.*\) \S (\d+) /s.exec(stat)?.[1] ?? 0);
}

async function holds(process: string, mountPath: string): Promise<boolean> {
  const descriptors = join(process, 'fd');
  const links = ['cwd', 'root', 'exe'].map((name) => join(process, name));
  links.push(...(await namesIn(descriptors)).map((name) => join(descriptors, name)));
  for (const link of links) {
    const target = await readlink(link).catch(() => null);
    if (target !== null && isBelow(target, mountPath)) return true;
  }
  const maps = await readFile(join(process, 'maps'), 'utf8').catch(() => '');
  // The path is the sixth field, to the end of the line.
  return maps.split('\n').some((line) => isBelow(line.slice(line.indexOf('/')), mountPath));
}

function isBelow(path: string, mountPath: string): boolean {
  return path === mountPath || path.startsWith(`${mountPath}/`);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
