import type { Clock } from '../computer/clock.ts';
import { within } from '../computer/within.ts';
import { messageOf } from '../protocol/errors.ts';
import type { Enumerate, ListedDisk } from './drivelist.ts';

/** Which lister answered last, and why. Only `spacepack doctor` needs it. */
export interface EnumeratorReport {
  /** `own`: our own listing (lsblk, diskutil and ioreg, CIM). */
  readonly used: 'drivelist' | 'own';
  /** Why drivelist was not used; `null` if it was. */
  readonly reason: string | null;
}

const NOT_ASKED = 'it was not asked yet, because there was no USB disk to list';

export interface Enumerator {
  /** The disks that drivelist sees; `null` if only our own listing is available. Never rejects. */
  disks(): Promise<readonly ListedDisk[] | null>;
  report(): EnumeratorReport;
}

/**
 * drivelist takes 11 ms on Linux and at least 50 ms on macOS; a native listing that hangs must not block everything
 * else.
 */
const LIMIT_MS = 5_000;

/** drivelist with a time limit. A failure is remembered until the process ends: it would only happen again. */
export function createEnumerator(drivelist: Enumerate, clock: Clock): Enumerator {
  let failure: string | null = null;
  let hasAnswered = false;
  return {
    async disks() {
      if (failure !== null) return null;
      try {
        const disks = await within(clock, LIMIT_MS, 'listing the disks with drivelist', drivelist());
        hasAnswered = true;
        return disks;
      } catch (thrown) {
        failure = firstLine(thrown);
        return null;
      }
    },
    report: () =>
      failure === null && hasAnswered
        ? { used: 'drivelist', reason: null }
        : { used: 'own', reason: failure ?? NOT_ASKED },
  };
}

function firstLine(thrown: unknown): string {
  const message = messageOf(thrown);
  return message.split('\n', 1)[0] ?? message;
}

/**
 * What lists the disks of a system by its own means. The first time drivelist is asked too, and if it saw an external
 * disk that is not `among` them, which may be announced late, the system is asked once more: what the system says
 * counts. Only the first time, because drivelist leaks with each call on macOS (its issue 465).
 */
export function withSecondOpinion<Disk>(
  enumerator: Enumerator,
  list: () => Promise<readonly Disk[]>,
  isAmong: (device: string, disks: readonly Disk[]) => boolean,
): () => Promise<readonly Disk[]> {
  let isFirst = true;
  return async () => {
    const asked = isFirst ? enumerator.disks() : null;
    isFirst = false;
    const disks = await list();
    const listed = (await asked) ?? [];
    return listed.some(({ device, external }) => external && !isAmong(device, disks)) ? list() : disks;
  };
}
