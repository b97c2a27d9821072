import { stat } from 'node:fs/promises';
import type { Clock } from '../computer/clock.ts';
import { errnoOf } from '../computer/errno.ts';
import { closeSoon, within } from '../computer/within.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { faultOfErrno, volumeError } from './fault-of-errno.ts';
import { type Folder, openFolder, openRoot } from './folder.ts';
import { gateOf } from './gates.ts';
import type { Platform } from './platform.ts';
import type { System } from './remedies.ts';

/** What every verb on a volume needs. */
export interface Hands {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly system: System;
}

/**
 * Makes one call on a volume; nothing on a volume is ever awaited in any other way. `late` gets a result that comes
 * after the limit.
 */
export type Call = <T>(call: () => Promise<T>, late?: (result: T) => unknown) => Promise<T>;

/** How long the calls of a verb may take, in ms. */
export interface Limits {
  readonly callMs: number;
  /** All of them together. */
  readonly totalMs: number;
}

/**
 * For verbs that move little data. A silent stick that the kernel resets blocks for 32 s; many slow calls still finish.
 */
export const BRIEF: Limits = { callMs: 40_000, totalMs: 60_000 };

/**
 * A pulled drive may be seen as gone only 0.6 s after the first call on it failed; after that, the fault is the drive's
 * own.
 */
const SETTLE_MS = 600;
const SETTLE_STEP_MS = 100;

const OWNER_MS = 1_000;

/**
 * Does `work` in a folder below the volume's root; `folders` is the path to it, and `work` gets `null` if it is
 * missing. The mount is checked before and, if the answer is empty, after: a dead mount gives an empty answer instead
 * of an error. Rejects with `volume-*`: with `volume-stalled` as soon as a call takes longer than its limit, or one of
 * an earlier verb has not returned; whatever system call failed, with `volume-gone` if the volume is found to have
 * left.
 */
export async function inFolder<T>(
  hands: Hands,
  volume: MountedVolume,
  folders: readonly string[],
  doing: string,
  work: (folder: Folder | null, call: Call) => Promise<T>,
  limits: Limits = BRIEF,
): Promise<T> {
  const { platform, clock } = hands;
  const call = limitedCalls(hands, volume, doing, limits);
  const assertHeld = async (root: Folder): Promise<void> => {
    if (await call(() => platform.holds(volume, root.handle))) return;
    throw new SpacepackError(
      'volume-gone',
      `${doing}: expected ${volume.volume.id} mounted at ${volume.mount.path} as before, found another mount or none.`,
    );
  };
  try {
    const root = await call(
      () => openRoot(volume.mount.path),
      (late) => late.close(),
    );
    try {
      await assertHeld(root);
      const answer = await walk(clock, call, root, folders, work);
      if (saysNothing(answer)) await assertHeld(root);
      return answer;
    } finally {
      await closeSoon(clock, root);
    }
  } catch (thrown) {
    throw await explained(hands, volume, thrown, doing);
  }
}

function limitedCalls(hands: Hands, { drive }: MountedVolume, doing: string, { callMs, totalMs }: Limits): Call {
  const { clock } = hands;
  const gate = gateOf(hands, drive);
  let gaps = clock.gaps();
  let until = clock.now() + totalMs;
  return async (call, late) => {
    // Time when this process was suspended does not count against the volume.
    if (clock.gaps() !== gaps) {
      gaps = clock.gaps();
      until = clock.now() + totalMs;
    }
    const leftMs = until - clock.now();
    if (leftMs <= 0) {
      throw new SpacepackError(
        'volume-stalled',
        `${doing}: expected it to finish within ${totalMs} ms, found that it did not.`,
      );
    }
    return gate.pass(doing, Math.min(callMs, leftMs), call, late);
  };
}

/** What a failed call on a volume means, after checking whether the volume is still there. */
export async function explained(hands: Hands, volume: MountedVolume, thrown: unknown, doing: string): Promise<unknown> {
  const errno = errnoOf(thrown);
  if (thrown instanceof SpacepackError || errno === null) return thrown;
  const gone = await hasGone(hands, volume, errno);
  const owner = gone ? null : await ownerOf(hands, volume);
  return volumeError(thrown, doing, { gone, owner }, hands.system);
}

async function hasGone(hands: Hands, volume: MountedVolume, errno: string): Promise<boolean> {
  const { platform, clock } = hands;
  const fault = faultOfErrno(errno);
  // The kernel reports EIO some time before it takes the drive off its list; a mount point that is about to go reports
  // EACCES.
  const settleMs = fault === 'volume-io' || errno === 'EACCES' ? SETTLE_MS : 0;
  const look = limitedCalls(hands, volume, 'checking whether it is there', BRIEF);
  const until = clock.now() + settleMs;
  for (;;) {
    // A volume that does not answer has not been seen to leave.
    if (!(await look(() => platform.holds(volume, null)).catch(() => true))) return true;
    if (clock.now() >= until) return false;
    await clock.sleep(SETTLE_STEP_MS);
  }
}

async function ownerOf({ clock }: Hands, { mount }: MountedVolume): Promise<number | null> {
  const looking = stat(mount.path).then(({ uid }) => uid);
  return within(clock, OWNER_MS, 'asking for the owner', looking).catch(() => null);
}

async function walk<T>(
  clock: Clock,
  call: Call,
  root: Folder,
  names: readonly string[],
  work: (folder: Folder | null, call: Call) => Promise<T>,
): Promise<T> {
  const [first, ...rest] = names;
  if (first === undefined) return work(root, call);
  const folder = await call(
    () => openFolder(root, first),
    (late) => late?.close(),
  );
  if (folder === null) return work(null, call);
  try {
    return await walk(clock, call, folder, rest, work);
  } finally {
    await closeSoon(clock, folder);
  }
}

function saysNothing(answer: unknown): boolean {
  return answer === null || (Array.isArray(answer) && answer.length === 0);
}
