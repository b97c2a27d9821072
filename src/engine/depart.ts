import type { Event, StateOf } from '../protocol/machine.ts';
import { controlVolume } from '../protocol/match.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import { type Context, tolerantly, until } from './context.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { readInfo, readTrigger } from './reading.ts';
import { mountedControlVolume } from './sighting.ts';

/** How often to try again to unmount a volume that something holds, in ms. */
const RELEASE_AGAIN_MS = 2_000;

async function findAttachment({ environment }: Context, attachment: string): Promise<Drive | null> {
  const drives = await environment.volumes.list();
  return drives.find((drive) => drive.attachment === attachment) ?? null;
}

/** A mount made after the release, so that no cache of before can answer. */
async function freshMount(context: Context, attachment: string): Promise<MountedVolume | null> {
  const drive = await findAttachment(context, attachment);
  const volume = drive && controlVolume(drive);
  if (!drive || !volume || volume.mount) return null;
  await context.environment.volumes.mount(drive, volume);
  const mounted = await findAttachment(context, attachment);
  return mounted && mountedControlVolume(mounted);
}

/** protocol §10.4: at the same boot count and session, without an intact trigger, nothing was committed. */
async function neverArrived(context: Context, state: StateOf<'depart'>): Promise<boolean> {
  const { commitment } = state.pending;
  const volume = await freshMount(context, state.left.drive.attachment);
  if (volume === null) return false;
  const info = await readInfo(context, volume);
  const trigger = await readTrigger(context, volume);
  const same =
    info.kind === 'intact' &&
    info.value.bootCount === commitment.bootCount &&
    info.value.details?.session === commitment.session;
  const absent = same && trigger.kind !== 'intact';
  if (absent) {
    await tryRemoveLeftovers(context, volume);
    await context.environment.records.close(commitment.serial);
  }
  await context.environment.volumes.release(volume);
  return absent;
}

/** The volume on a mount made since the trigger was written, if the device has been away meanwhile. */
async function returnedMount(
  context: Context,
  { left, pending }: StateOf<'depart'>,
  drive: Drive,
): Promise<MountedVolume | null> {
  const volume = mountedControlVolume(drive);
  if (volume === null || volume.mount.id === left.mount.id) return null;
  const info = await readInfo(context, volume);
  return info.kind === 'intact' && info.value.bootCount > pending.commitment.bootCount ? volume : null;
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
    if (returned !== null) return { type: 'returned', volume: returned };
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
  const lost = held === null && (await tolerantly(context, () => neverArrived(context, state))) === true;
  return { type: 'gave-up', code: lost ? 'trigger-not-written' : 'never-left' };
}
