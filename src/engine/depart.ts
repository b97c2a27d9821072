import { SpacepackError } from '../protocol/errors.ts';
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
  const { attachment } = state;
  const { commitment } = state.pending;
  const volume = await freshMount(context, attachment);
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

/** Waits until the device is gone, or is another attachment of itself: a blink that nobody saw. */
export async function depart(context: Context, state: StateOf<'depart'>): Promise<Event> {
  const { clock, volumes } = context.environment;
  const { leaveMs } = context.profile.patience;
  let held = state.volume;
  let triedAt = clock.now();
  const patienceMs = state.pending.timing.quietDirtyMs + leaveMs;
  const departed = await until(context, patienceMs, () =>
    tolerantly(context, async () => {
      if ((await findAttachment(context, state.attachment)) === null) return true;
      if (held !== null && clock.now() - triedAt >= RELEASE_AGAIN_MS) {
        triedAt = clock.now();
        await volumes.release(held);
        held = null;
      }
      return null;
    }),
  );
  if (departed) return { type: 'departed' };
  context.findings.detail = `Expected the device to leave within ${patienceMs} ms of the trigger, found it still there${held === null ? '' : ' and its volume still mounted'}.`;
  try {
    if (held === null && (await neverArrived(context, state))) return { type: 'gave-up', code: 'trigger-not-written' };
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
  }
  return { type: 'gave-up', code: 'never-left' };
}
