import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kernelText } from './kernel-text.ts';
import { parseMountinfo } from './mountinfo.ts';

/** A process that has a device mounted in its own mount namespace, for instance in a container. */
export interface Elsewhere {
  readonly pid: number;
  readonly name: string;
  readonly path: string;
}

/**
 * Who else still has the device mounted after it was unmounted here: then it is not fully flushed and its dirty mark is
 * not cleared. Every user may read the mounts of every process, unless /proc hides them. Synchronous, because it is all
 * in memory.
 */
export function mountedElsewhere(proc: string, device: string): Elsewhere | null {
  for (const pid of namesIn(proc).filter((name) => /^\d+$/.test(name))) {
    const text = textOf(join(proc, pid, 'mountinfo'));
    if (!text.includes(` ${device} `)) continue;
    const line = parseMountinfo(text).find((each) => each.device === device);
    if (line !== undefined) return { pid: Number(pid), name: textOf(join(proc, pid, 'comm')).trim(), path: line.path };
  }
  return null;
}

/** Processes may end while we look. */
function textOf(path: string): string {
  try {
    return kernelText(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
