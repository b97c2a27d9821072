import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A process that keeps a file or folder of a volume open. */
export interface HoldingProcess {
  readonly pid: number;
  readonly name: string;
}

/** Enough to name; a message with more helps nobody. */
const MOST = 5;

/**
 * Who holds files below a mount point: by working and root folder, program, open files and mapped files of every process that
 * this user may look into. An empty answer proves nothing: other users' processes are not seen.
 */
export async function holdersOf(proc: string, mountPath: string): Promise<readonly HoldingProcess[]> {
  const holders: HoldingProcess[] = [];
  for (const pid of (await namesIn(proc)).filter((name) => /^\d+$/.test(name))) {
    if (!(await holds(join(proc, pid), mountPath))) continue;
    const name = (await readFile(join(proc, pid, 'comm'), 'utf8').catch(() => '')).trim();
    holders.push({ pid: Number(pid), name });
    if (holders.length === MOST) break;
  }
  return holders;
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
  // The path is the sixth field, and the rest of the line.
  return maps.split('\n').some((line) => isBelow(line.slice(line.indexOf('/')), mountPath));
}

function isBelow(path: string, mountPath: string): boolean {
  return path === mountPath || path.startsWith(`${mountPath}/`);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
