import { SpacepackError } from '../protocol/errors.ts';
import { type Info, LONGEST_TIMING } from '../protocol/info.ts';
import type { Event } from '../protocol/machine.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { isLive, type Trigger } from '../protocol/trigger.ts';
import { formatVersion } from '../protocol/versions.ts';
import type { OpenRecord } from '../volume/port.ts';
import type { Context, Job } from './context.ts';
import { type Found, readTrigger } from './reading.ts';
import type { Report } from './report.ts';

function wants(job: Job, record: OpenRecord): boolean {
  return job.kind === record.action && (job.kind === 'ping' || job.image.imageHash === record.newImage);
}

/** What an earlier run of this computer left open, resolved first (protocol §10.1). `null`: nothing to follow. */
async function* followRecord(
  context: Context,
  volume: MountedVolume,
  info: Info,
  trigger: Found<Trigger>,
): AsyncGenerator<Report, Event | null> {
  const { records } = context.environment;
  const record = (await records.list()).find(({ serial }) => serial === info.serial);
  if (record === undefined) return null;
  const origin = wants(context.options.job, record) ? 'earlier' : 'foreign';
  const pending = { commitment: record, origin, timing: info.details?.timing ?? LONGEST_TIMING } as const;
  if (info.bootCount > record.bootCount) return { type: 'answered', pending, volume };
  if (trigger.kind === 'intact' && trigger.value.nonce === record.nonce && isLive(trigger.value, info)) {
    yield {
      type: 'notice',
      code: 'trigger-joined',
      message: `The ${record.action} of ${record.committedAt} has not been answered yet; waiting for it.`,
    };
    return { type: 'joined', pending, volume };
  }
  // protocol §10.4: same boot count and no such trigger, so it never arrived.
  await records.close(record.nonce);
  yield {
    type: 'notice',
    code: 'record-dropped',
    message: `The ${record.action} of ${record.committedAt} never reached the device.`,
  };
  return null;
}

/** A live trigger of somebody else: joined if it asks for the very same payload, else the device is busy (protocol §7.6). */
async function joinStranger(context: Context, volume: MountedVolume, info: Info, trigger: Trigger): Promise<Event> {
  const { job } = context.options;
  const same =
    job.kind === 'install' && trigger.action.kind === 'install' && trigger.action.payload.sha256 === job.image.sha256;
  if (!same) {
    throw new SpacepackError(
      'device-busy',
      `Expected no trigger on the device, found an intact one for "${trigger.action.kind}" that is not this run's.`,
    );
  }
  const commitment: OpenRecord = {
    serial: info.serial,
    action: 'install',
    nonce: trigger.nonce,
    bootCount: trigger.bootCount,
    session: trigger.session,
    newImage: job.image.imageHash,
    oldImage: info.image,
    fromVersion: context.findings.from,
    toVersion: formatVersion(job.image.version),
    port: volume.drive.usb?.port ?? null,
    timing: info.details?.timing ?? LONGEST_TIMING,
    committedAt: context.environment.date().toISOString(),
  };
  await context.environment.records.save(commitment);
  const timing = info.details?.timing ?? LONGEST_TIMING;
  return { type: 'joined', pending: { commitment, origin: 'earlier', timing }, volume };
}

/** Who has a claim on the device before this run may begin: an open record, or a live trigger. `null`: nobody. */
export async function* findClaim(
  context: Context,
  volume: MountedVolume,
  info: Info,
): AsyncGenerator<Report, Event | null> {
  const trigger = await readTrigger(context, volume);
  const followed = yield* followRecord(context, volume, info, trigger);
  if (followed !== null) return followed;
  if (trigger.kind !== 'intact' || !isLive(trigger.value, info)) return null;
  const joined = await joinStranger(context, volume, info, trigger.value);
  yield {
    type: 'notice',
    code: 'trigger-joined',
    message: 'Another run has committed the same image; waiting for it.',
  };
  return joined;
}
