import type { Event, Pending, StateOf } from '../protocol/machine.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import { type Afresh, lookAfresh } from './afresh.ts';
import { type RunContext, tolerantly, until } from './context.ts';
import { hear, testimonyOf } from './hear.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { closeRecord, forget } from './records.ts';
import type { Report } from './report.ts';
import { findAttachment, mountedControlVolume, release } from './sighting.ts';

/** How often to try again to unmount a volume that something holds, in ms. */
const RELEASE_AGAIN_MS = 2_000;

/** The volume on a mount made after the trigger was written, if the device's boot count says it has been away since. */
async function returnedMount(
  context: RunContext,
  { left, pending }: StateOf<'depart'>,
  drive: Drive,
): Promise<MountedVolume | null> {
  const volume = mountedControlVolume(context, drive);
  if (volume === null || volume.mount.id === left.mount.id) return null;
  return testimonyOf(await hear(context, volume, pending.commitment)) === null ? null : volume;
}

function wordsFor({ family }: RunContext, kind: 'committed' | 'not-known'): string {
  if (family.files.payload === null) return '';
  return kind === 'committed' ? '; its trigger is there' : '; whether its trigger is there is not known';
}

/**
 * What a fresh mount shows when patience is over. Looks again if time passed meanwhile that we did not live through.
 */
async function lastLook(context: RunContext, before: MountedVolume, pending: Pending): Promise<Afresh> {
  const { clock } = context.environment;
  for (let again = 2; ; again -= 1) {
    const gaps = clock.gaps();
    const afresh = await lookAfresh(context, before, pending);
    if (clock.gaps() === gaps || again === 0) return afresh;
  }
}

/** Left: for some devices that says all that can be said. */
async function* judgedByLeaving(context: RunContext, pending: Pending): AsyncGenerator<Report, Event> {
  const { commitment, isDoubtful = false } = pending;
  const judgement = context.family.judgeLeaving(commitment, isDoubtful);
  if (judgement === null) return { type: 'departed' };
  yield* closeRecord(context, commitment.nonce);
  context.findings.detail = judgement.detail ?? null;
  return { type: 'judged', judgement };
}

/** Waits until the device is gone, or has left and come back unseen. */
export async function* depart(context: RunContext, state: StateOf<'depart'>): AsyncGenerator<Report, Event> {
  const { left, pending } = state;
  const { clock } = context.environment;
  let held = state.volume;
  let triedAt = clock.now();
  let isBlind = false;

  let last = left;
  /** A medium that was taken away and put back shows only on a mount made since. */
  const returnedInPlace = async (): Promise<Event | null> => {
    if (context.family.returns !== 'in-place' || held !== null || clock.now() - triedAt < RELEASE_AGAIN_MS) return null;
    triedAt = clock.now();
    const afresh = await lookAfresh(context, last, pending);
    if (afresh.kind === 'returned') return { type: 'returned', volume: afresh.volume, testimony: null };
    last = afresh.volume ?? last;
    return null;
  };

  const look = async (): Promise<Event | null> => {
    isBlind = true;
    const drive = await findAttachment(context, left.drive.attachment);
    isBlind = false;
    if (drive === null) return { type: 'departed' };
    const inPlace = await returnedInPlace();
    if (inPlace !== null) return inPlace;
    const returned = await returnedMount(context, state, drive);
    if (returned !== null) return { type: 'returned', volume: returned, testimony: null };
    if (held !== null && clock.now() - triedAt >= RELEASE_AGAIN_MS) {
      triedAt = clock.now();
      await release(context, held);
      held = null;
    }
    return null;
  };

  const patienceMs = pending.timing.quietDirtyMs + context.family.patience.leaveMs;
  const event = await until(context, patienceMs, () => tolerantly(context, look));
  if (event?.type === 'departed') return yield* judgedByLeaving(context, pending);
  if (event !== null) return event;
  const afresh = await lastLook(context, last, pending);
  if (afresh.kind === 'returned') return { type: 'returned', volume: afresh.volume, testimony: null };
  if (afresh.kind === 'never-arrived') {
    await tryRemoveLeftovers(context, afresh.volume);
    yield* forget(context, pending.commitment);
    return { type: 'gave-up', code: 'trigger-not-written' };
  }
  // If no look worked, neither before nor now, nothing shows that it stayed.
  if (isBlind && afresh.kind === 'not-known') return { type: 'gave-up', code: 'lost-track' };
  if (afresh.kind === 'committed') await tolerantly(context, () => release(context, afresh.volume).then(() => null));
  const waited = `Expected the device to leave within ${patienceMs} ms of the commit, found it still there`;
  const stillMounted = held === null ? '' : ' and its volume still mounted';
  context.findings.detail = `${waited}${stillMounted}${wordsFor(context, afresh.kind)}.`;
  return { type: 'gave-up', code: 'never-left' };
}
