import { readFile } from 'node:fs/promises';
import { errnoOf } from '../errno.ts';
import { type Run, runProgram } from './run.ts';

/**
 * A token for when a process started, in `[A-Za-z0-9-]`: together with its id it names one process for ever, while ids alone are
 * used again. `null`: there is no such process, or the system does not tell.
 */
export async function processStart(
  pid: number,
  platform: NodeJS.Platform = process.platform,
  run: Run = runProgram,
): Promise<string | null> {
  if (platform === 'linux') return linuxStart(pid);
  if (platform === 'win32') {
    const script = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
    return plain(await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]));
  }
  return plain(await run('ps', ['-o', 'lstart=', '-p', String(pid)]));
}

/** Whether a process of this id runs, whosever it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return errnoOf(thrown) === 'EPERM';
  }
}

async function linuxStart(pid: number): Promise<string | null> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // Field 22, in ticks since boot. The second field is a name in parentheses that may hold spaces and parentheses.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? null : `${boot.slice(0, 8)}-${ticks}`;
  } catch {
    return null;
  }
}

function plain({ status, stdout }: { status: number | null; stdout: string }): string | null {
  const token = stdout.trim().replace(/[^A-Za-z0-9]+/g, '-');
  return status === 0 && token !== '' ? token : null;
}
