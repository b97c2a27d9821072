import { stat } from 'node:fs/promises';
import { errnoOf } from '../errno.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { faultOfErrno, volumeError } from './errno.ts';
import { type Folder, openFolder, openRoot } from './folder.ts';
import type { Platform } from './platform.ts';
import type { Clock } from './port.ts';
import type { System } from './remedies.ts';
import { closeSoon, within } from './within.ts';

/** What every verb on a volume needs. */
export interface Hands {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly system: System;
}

/** Longest time for one small verb, in ms: a silent stick that the kernel resets blocks 32 s. */
export const VERB_MS = 60_000;

/** A pulled drive is seen to be gone up to 0.6 s after the first call on it failed; then the fault is the drive's own. */
const SETTLE_MS = 600;
const SETTLE_STEP_MS = 100;

const OWNER_MS = 1_000;

/**
 * Does `work` in a folder below the volume's root; `folders` names the way to it, and `work` gets `null` where it is missing.
 * The mount is asserted before and, if the answer is nothing, after: a dead mount answers with nothing instead of an error.
 * Rejects with `volume-*`; whatever system call failed, `volume-gone` if the volume is found to have left.
 */
export async function inFolder<T>(
  hands: Hands,
  volume: MountedVolume,
  folders: readonly string[],
  doing: string,
  work: (folder: Folder | null) => Promise<T>,
): Promise<T> {
  const { platform, clock } = hands;
  try {
    const root = await within(clock, VERB_MS, doing, openRoot(volume.mount.path));
    try {
      await assertHeld(platform, volume, root, doing);
      const answer = await walk(clock, root, folders, work);
      if (saysNothing(answer)) await assertHeld(platform, volume, root, doing);
      return answer;
    } finally {
      await closeSoon(clock, root);
    }
  } catch (thrown) {
    throw await explained(hands, volume, thrown, doing);
  }
}

/** As `inFolder`, with a time limit over the whole, for verbs that move little. Rejects with `volume-stalled` too. */
export function brieflyInFolder<T>(
  hands: Hands,
  volume: MountedVolume,
  folders: readonly string[],
  doing: string,
  work: (folder: Folder | null) => Promise<T>,
): Promise<T> {
  return within(hands.clock, VERB_MS, doing, inFolder(hands, volume, folders, doing, work));
}

/** What a call that failed on a volume means, after a look whether the volume is still there. */
export async function explained(hands: Hands, volume: MountedVolume, thrown: unknown, doing: string): Promise<unknown> {
  const errno = errnoOf(thrown);
  if (thrown instanceof SpacepackError || errno === null) return thrown;
  const gone = await hasGone(hands, volume, errno);
  const owner = gone ? null : await ownerOf(hands, volume);
  return volumeError(thrown, doing, { gone, owner }, hands.system);
}

async function hasGone({ platform, clock }: Hands, volume: MountedVolume, errno: string): Promise<boolean> {
  const fault = faultOfErrno(errno);
  // The kernel reports EIO some time before it takes the drive off its list; a mount point that is about to go says EACCES.
  const settleMs = fault === 'volume-io' || errno === 'EACCES' ? SETTLE_MS : 0;
  const until = clock.now() + settleMs;
  for (;;) {
    if (!(await platform.holds(volume, null))) return true;
    if (clock.now() >= until) return false;
    await clock.sleep(SETTLE_STEP_MS);
  }
}

async function ownerOf({ clock }: Hands, { mount }: MountedVolume): Promise<number | null> {
  const looking = stat(mount.path).then(({ uid }) => uid);
  return within(clock, OWNER_MS, 'asking for the owner', looking).catch(() => null);
}

async function assertHeld(platform: Platform, volume: MountedVolume, root: Folder, doing: string): Promise<void> {
  if (await platform.holds(volume, root.handle)) return;
  throw new SpacepackError(
    'volume-gone',
    `${doing}: expected ${volume.volume.id} mounted at ${volume.mount.path} as before, found another mount or none`,
  );
}

async function walk<T>(
  clock: Clock,
  root: Folder,
  names: readonly string[],
  work: (folder: Folder | null) => Promise<T>,
): Promise<T> {
  const [first, ...rest] = names;
  if (first === undefined) return work(root);
  const folder = await openFolder(root, first);
  if (folder === null) return work(null);
  try {
    return await walk(clock, folder, rest, work);
  } finally {
    await closeSoon(clock, folder);
  }
}

function saysNothing(answer: unknown): boolean {
  return answer === null || (Array.isArray(answer) && answer.length === 0);
}
