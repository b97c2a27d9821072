import { SpacepackError } from '../protocol/errors.ts';
import type { FaultCode } from '../protocol/faults.ts';
import type { Event, Pending, ReadyDevice, StateOf } from '../protocol/machine.ts';
import { type Trigger, writeTrigger } from '../protocol/trigger.ts';
import { formatVersion } from '../protocol/versions.ts';
import type { OpenRecord } from '../volume/port.ts';
import type { Context } from './context.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { pathOf } from './reading.ts';
import type { Report } from './report.ts';
import { hasLeft } from './sighting.ts';

/** After these the trigger cannot have arrived whole: the system refused it before it took the bytes. */
const CERTAINLY_NOT: readonly FaultCode[] = ['volume-full', 'volume-read-only', 'volume-permission', 'volume-foreign'];

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

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Writes the open record, then the trigger. From its first byte on the outcome is the device's to tell. */
export async function* commit(context: Context, { device }: StateOf<'commit'>): AsyncGenerator<Report, Event> {
  const { environment, options, profile, findings } = context;
  const { volumes, records } = environment;
  const trigger = triggerFor(context, device);
  const record: OpenRecord = {
    action: trigger.action.kind,
    serial: trigger.serial,
    nonce: trigger.nonce,
    bootCount: trigger.bootCount,
    session: trigger.session,
    newImage: options.job.kind === 'install' ? options.job.image.imageHash : null,
    oldImage: device.info.image,
    fromVersion: findings.from,
    toVersion: options.job.kind === 'install' ? formatVersion(options.job.image.version) : null,
    port: device.volume.drive.usb?.port ?? null,
    timing: device.details.timing,
    committedAt: environment.date().toISOString(),
  };
  const pending: Pending = { commitment: record, origin: 'own', timing: device.details.timing };
  await records.save(record);
  findings.to = null;
  try {
    const { syncBytes } = profile.write;
    const { stallMs } = profile.patience;
    await volumes.write(device.volume, pathOf(context, 'trigger'), once(writeTrigger(trigger)), { syncBytes, stallMs });
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    if (CERTAINLY_NOT.includes(thrown.code)) {
      await tryRemoveLeftovers(context, device.volume);
      await records.close(record.nonce);
      findings.to = findings.from;
      throw thrown;
    }
    // protocol §10.5: the error decides nothing; the device will tell.
    yield {
      type: 'notice',
      code: 'commit-doubtful',
      message: `Writing the trigger reported an error, which proves nothing: ${thrown.message}`,
    };
    if (await hasLeft(context, device.volume)) return { type: 'vanished', pending };
  }
  return { type: 'committed', pending };
}
