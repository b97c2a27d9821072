import { SpacepackError } from '../protocol/errors.ts';
import { identityOf } from '../protocol/identity.ts';
import type { Event, Pending, ReadyDevice, StateOf } from '../protocol/machine.ts';
import { keptFamily } from '../protocol/profile.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { isLive, type Trigger, writeTrigger } from '../protocol/trigger.ts';
import { formatVersion } from '../protocol/versions.ts';
import type { OpenRecord } from '../volume/port.ts';
import { lookAfresh } from './afresh.ts';
import { forget } from './close-record.ts';
import { type Context, tolerantly } from './context.ts';
import { removeLeftovers, tryRemoveLeftovers } from './leftovers.ts';
import { pathOf, readTrigger } from './reading.ts';
import { notice, type Report } from './report.ts';
import { hasLeft, release } from './sighting.ts';
import { forgetWhatRuns } from './what-runs.ts';

function triggerFor({ options, environment }: Context, { info, details }: ReadyDevice): Trigger {
  const { job } = options;
  return {
    nonce: Buffer.from(environment.random(16)).toString('hex'),
    serial: info.serial,
    bootCount: info.bootCount,
    session: details.session,
    action:
      job.kind === 'ping'
        ? { kind: 'ping' }
        : {
            kind: 'install',
            payload: { lengthBytes: job.image.sizeBytes, crc32: job.image.crc32, sha256: job.image.sha256 },
            allowDowngrade: job.allowDowngrade,
          },
  };
}

function recordFor(
  { options, environment, findings, profile }: Context,
  device: ReadyDevice,
  trigger: Trigger,
): OpenRecord {
  const { job } = options;
  return {
    ...keptFamily(profile),
    action: trigger.action.kind,
    serial: trigger.serial,
    nonce: trigger.nonce,
    bootCount: trigger.bootCount,
    session: trigger.session,
    newImage: job.kind === 'install' ? job.image.imageHash : null,
    oldImage: device.info.image,
    fromVersion: findings.from,
    toVersion: job.kind === 'install' ? formatVersion(job.image.version) : null,
    port: identityOf(device.volume.drive).port,
    timing: device.details.timing,
    committedAt: environment.date().toISOString(),
  };
}

/**
 * Unmounts the other volumes of the drive, for it takes them with it when it leaves, with what was not written yet. Gives the
 * attachments of all other drives. Rejects with `volume-busy`, naming who holds one.
 */
async function makeReadyToLeave(context: Context, { drive, volume }: MountedVolume): Promise<readonly string[]> {
  const drives = await context.environment.volumes.list();
  const own = drives.find(({ attachment }) => attachment === drive.attachment);
  for (const other of own?.volumes ?? []) {
    if (own === undefined || other.id === volume.id || other.mount === null) continue;
    await release(context, { drive: own, volume: other, mount: other.mount });
  }
  return drives.map(({ attachment }) => attachment).filter((attachment) => attachment !== drive.attachment);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Nothing was committed after all: what is left is removed, and the record closed. */
async function* takeBack(context: Context, volume: MountedVolume, record: OpenRecord): AsyncGenerator<Report, void> {
  await tryRemoveLeftovers(context, volume);
  yield* forget(context, record);
}

/** Writes the open record, then the trigger. From its first byte on the outcome is the device's to tell. */
export async function* commit(context: Context, { device }: StateOf<'commit'>): AsyncGenerator<Report, Event> {
  const { environment, profile, findings, options } = context;
  const { volume, info, details } = device;
  const others = await makeReadyToLeave(context, volume);
  // An install has removed them before it staged its payload.
  if (options.job.kind === 'ping') await removeLeftovers(context, volume);
  await context.hold(volume);
  const trigger = triggerFor(context, device);
  const record = recordFor(context, device, trigger);
  const pending: Pending = {
    commitment: record,
    origin: 'own',
    timing: details.timing,
    device: identityOf(volume.drive, info),
    others,
  };
  await environment.records.save(record);
  findings.open = [record];
  forgetWhatRuns(context);
  let doubt: SpacepackError;
  try {
    const { syncBytes } = profile.write;
    const { stallMs } = profile.patience;
    const path = pathOf(context, 'trigger');
    await environment.volumes.write(volume, path, once(writeTrigger(trigger)), { syncBytes, stallMs });
    return { type: 'committed', pending, volume };
  } catch (thrown) {
    // One that was left where it hangs is looked at by nobody any more.
    if (!(thrown instanceof SpacepackError) || thrown.code === 'abandoned') throw thrown;
    doubt = thrown;
  }
  if (doubt.noEffect) {
    const there = await tolerantly(context, () => readTrigger(context, volume));
    yield* takeBack(context, volume, record);
    if (there?.kind !== 'intact' || !isLive(there.value, info)) throw doubt;
    throw new SpacepackError('device-busy', 'Another run has written its trigger in the same moment.');
  }
  // protocol §10.5: the error decides nothing; a fresh look may, else the device will tell.
  yield notice('commit-doubtful', `Writing the trigger reported an error, which proves nothing: ${doubt.message}`);
  if (await hasLeft(context, volume)) return { type: 'vanished', pending };
  const afresh = await lookAfresh(context, volume, pending);
  switch (afresh.kind) {
    case 'returned':
      return { type: 'answered', pending, volume: afresh.volume };
    case 'never-arrived':
      yield* takeBack(context, afresh.volume, record);
      throw new SpacepackError('trigger-not-written', doubt.message, { cause: doubt });
    case 'committed':
      return { type: 'committed', pending, volume: afresh.volume };
    case 'not-known':
      return { type: 'committed', pending, volume };
  }
}
