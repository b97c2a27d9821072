import type { Info } from '../protocol/info.ts';
import type { Event, Pending, StateOf } from '../protocol/machine.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import { type Context, tolerantly, until } from './context.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { type Found, readInfo, readTrigger } from './reading.ts';
import { findAttachment, freshMount, mountedControlVolume } from './sighting.ts';

/** How often to try again to unmount a volume that something holds, in ms. */
const RELEASE_AGAIN_MS = 2_000;

/** Whether INFO.TXT is of a later boot than the commit: then the device has been away. */
const isLater = (info: Found<Info>, { commitment }: Pending): boolean =>
  info.kind === 'intact' && info.value.bootCount > commitment.bootCount;

/** The volume on a mount made since the trigger was written, if the device has been away meanwhile. */
async function returnedMount(
  context: Context,
  { left, pending }: StateOf<'depart'>,
  drive: Drive,
): Promise<MountedVolume | null> {
  const volume = mountedControlVolume(drive);
  if (volume === null || volume.mount.id === left.mount.id) return null;
  return isLater(await readInfo(context, volume), pending) ? volume : null;
}

/** protocol §10.4: at the same boot count and session, without an intact trigger, nothing was committed. */
async function neverArrived(context: Context, volume: MountedVolume, { commitment }: Pending): Promise<boolean> {
  const info = await readInfo(context, volume);
  if (info.kind !== 'intact') return false;
  const { bootCount, details } = info.value;
  if (bootCount !== commitment.bootCount || details?.session !== commitment.session) return false;
  return (await readTrigger(context, volume)).kind !== 'intact';
}

/** When patience is at its end: what a fresh mount shows. */
async function lastLook(context: Context, { left, pending }: StateOf<'depart'>): Promise<Event | null> {
  const volume = await freshMount(context, left.drive.attachment);
  if (volume === null) return null;
  if (isLater(await readInfo(context, volume), pending)) return { type: 'returned', volume, testimony: null };
  const lost = await neverArrived(context, volume, pending);
  if (lost) {
    await tryRemoveLeftovers(context, volume);
    await context.environment.records.close(pending.commitment.nonce);
    context.findings.to = context.findings.from;
  }
  await context.environment.volumes.release(volume);
  return lost ? { type: 'gave-up', code: 'trigger-not-written' } : null;
}

/** Waits until the device is gone, or has been away: a blink that nobody saw. */
export async function depart(context: Context, state: StateOf<'depart'>): Promise<Event> {
  const { clock, volumes } = context.environment;
  const { attachment } = state.left.drive;
  let held = state.volume;
  let triedAt = clock.now();

  const look = async (): Promise<Event | null> => {
    const drive = await findAttachment(context, attachment);
    if (drive === null) return { type: 'departed' };
    const returned = await returnedMount(context, state, drive);
    if (returned !== null) return { type: 'returned', volume: returned, testimony: null };
    if (held !== null && clock.now() - triedAt >= RELEASE_AGAIN_MS) {
      triedAt = clock.now();
      await volumes.release(held);
      held = null;
    }
    return null;
  };

  const patienceMs = state.pending.timing.quietDirtyMs + context.profile.patience.leaveMs;
  const event = await until(context, patienceMs, () => tolerantly(context, look));
  if (event !== null) return event;
  const stillMounted = held === null ? '' : ' and its volume still mounted';
  context.findings.detail = `Expected the device to leave within ${patienceMs} ms of the trigger, found it still there${stillMounted}.`;
  const seen = held === null ? await tolerantly(context, () => lastLook(context, state)) : null;
  return seen ?? { type: 'gave-up', code: 'never-left' };
}
