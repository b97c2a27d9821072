import { type DeviceInfo, UNTOLD } from '../protocol/device-info.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { DeviceAction } from '../protocol/family.ts';
import { compareIdentities, compareSerials, findSame, identityOf, lockNameOf } from '../protocol/identity.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import type { Environment } from '../volume/port.ts';
import { type DeviceSight, find } from './find.ts';

/** How an action ended; `acted`: the device did something, but does not say with what result. */
export type Acted = 'done' | 'acted' | 'not-shown';

const LOOK_MS = 2_000;
/** A drive that is only taken away and put back is gone for a shorter time, in ms. */
const GONE_MS = 15_000;

async function* bytes(): AsyncGenerator<Uint8Array> {
  // Not empty: on Linux an fsync writes the entry of an empty file only if it is one of the folder.
  yield Uint8Array.of(0x0a);
}

/** The drive of a sight as it is now; `null`: gone. */
async function driveNow({ volumes }: Environment, { drive }: DeviceSight): Promise<Drive | null> {
  return findSame(identityOf(drive), await volumes.list());
}

/** The device on a mount made just now, because an older one may show an older medium; `null`: not there yet. */
async function seenAnew(environment: Environment, sight: DeviceSight, readOnly: boolean): Promise<DeviceSight | null> {
  const { volumes } = environment;
  const { family } = sight;
  const mounted = (drive: Drive): MountedVolume | null => {
    const volume = family.controlVolume(drive);
    return volume?.mount ? { drive, volume, mount: volume.mount } : null;
  };
  const drive = await driveNow(environment, sight);
  const old = drive && mounted(drive);
  if (old !== null) await volumes.release(old);
  const free = drive && (await driveNow(environment, sight));
  const volume = free && family.controlVolume(free);
  if (free === null || volume === null) return null;
  if (volume.mount === null) await volumes.mount(free, volume, { readOnly });
  const now = await driveNow(environment, sight);
  const found = await find(environment, [family]);
  return found.find(({ drive: { attachment } }) => attachment === now?.attachment) ?? null;
}

/** Mounted or not, as it was found. A device that is away or held is left alone. */
async function leaveAsFound(environment: Environment, sight: DeviceSight): Promise<void> {
  if (sight.volume !== null) return void (await seenAnew(environment, sight, false).catch(() => null));
  const seen = (await find(environment, [sight.family]).catch(() => [])).find(
    ({ drive }) => compareIdentities(identityOf(drive), identityOf(sight.drive)) !== 'other',
  );
  if (seen?.volume != null) await environment.volumes.release(seen.volume).catch(() => undefined);
}

async function tell({ volumes }: Environment, { family, volume }: DeviceSight, action: DeviceAction): Promise<void> {
  if (family.actions === null || volume === null) throw new TypeError('the device has no actions, or is not mounted');
  const { blankPath } = family.actions;
  const options = { syncBytes: 512, stallMs: family.patience.stallMs };
  const letGo = await volumes.hold(volume);
  try {
    await volumes.write(volume, blankPath, bytes(), options);
    await volumes.remove(volume, blankPath);
    await volumes.write(volume, action.path, bytes(), options);
  } finally {
    await letGo();
  }
  await volumes.release(volume).catch(() => undefined);
}

async function hears(
  environment: Environment,
  sight: DeviceSight,
  before: DeviceInfo,
  { isLeaving, judge }: DeviceAction,
): Promise<Acted> {
  const { clock } = environment;
  const { leaveMs, returnMs } = sight.family.patience;
  const endsAt = clock.now() + leaveMs + returnMs;
  let goneSince: number | null = null;
  let gaps = clock.gaps();
  while (clock.now() < endsAt) {
    await clock.sleep(LOOK_MS);
    // What this process did not live through says nothing about where the drive was meanwhile.
    if (clock.gaps() !== gaps) goneSince = null;
    gaps = clock.gaps();
    try {
      const drive = await driveNow(environment, sight);
      goneSince = drive === null ? (goneSince ?? clock.now()) : null;
      if (isLeaving) {
        if (goneSince !== null && clock.now() - goneSince >= GONE_MS) return 'done';
        continue;
      }
      const seen = drive && (await seenAnew(environment, sight, true));
      const judged = seen?.info ? judge(before, seen.info) : 'not-yet';
      if (judged !== 'not-yet') return judged;
    } catch (thrown) {
      // It may be on its way.
      if (!(thrown instanceof SpacepackError)) throw thrown;
    }
  }
  return 'not-shown';
}

/**
 * Tells a device to do something, and waits until it shows that it did. Throws why it would not, `device-busy` while an
 * update is open, and as the verbs of `VolumePort` do.
 */
export async function act(environment: Environment, sight: DeviceSight, action: DeviceAction): Promise<Acted> {
  const { serial } = identityOf(sight.drive, sight.info);
  const unlock = await environment.locks.acquire(lockNameOf(sight.drive, sight.info ?? UNTOLD));
  try {
    const open = (await environment.records.list()).find(
      (record) => record.family === sight.family.id && compareSerials(record.serial, serial) !== 'other',
    );
    if (open !== undefined) {
      throw new SpacepackError('device-busy', `The ${open.action} of ${open.committedAt} has not ended.`);
    }
    const now = await seenAnew(environment, sight, false);
    if (now?.problem) throw now.problem;
    if (now?.info == null) throw new SpacepackError('no-device', `Expected ${sight.id}, found it gone.`);
    const obstacle = action.obstacle(now.info);
    if (obstacle !== null) throw obstacle;
    await tell(environment, now, action);
    return await hears(environment, now, now.info, action);
  } finally {
    await leaveAsFound(environment, sight);
    await unlock();
  }
}
