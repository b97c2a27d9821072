import { SpacepackError } from '../protocol/errors.ts';
import { compareSerials, identityOf } from '../protocol/identity.ts';
import { type Info, LONGEST_TIMING } from '../protocol/info.ts';
import type { Event, Origin, Pending } from '../protocol/machine.ts';
import { keptFamily } from '../protocol/profile.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { isLive, type Trigger } from '../protocol/trigger.ts';
import type { Commitment } from '../protocol/verdict.ts';
import { formatVersion } from '../protocol/versions.ts';
import type { OpenRecord } from '../volume/port.ts';
import { closeRecord } from './close-record.ts';
import type { Context, Job } from './context.ts';
import { type Found, missing, readStatus, readTrigger, requireFresh } from './reading.ts';
import { notice, type Report } from './report.ts';
import { familyDrives } from './sighting.ts';
import { forgetWhatRuns, noteWhatRuns } from './what-runs.ts';

/** Whether a record is of the very thing that this run is here to do. */
export function wants(job: Job, record: OpenRecord): boolean {
  return job.kind === record.action && (job.kind === 'ping' || job.image.imageHash === record.newImage);
}

const named = ({ action, committedAt }: OpenRecord): string => `The ${action} of ${committedAt}`;

/** Whether a record is of this device: two can have one serial. `null`: not known. */
async function isOf(
  context: Context,
  record: OpenRecord,
  { volume, info }: { readonly volume: MountedVolume; readonly info: Info },
): Promise<boolean | null> {
  if (compareSerials(record.serial, info.serial) === 'other') return false;
  const session = info.details?.session ?? null;
  const { port } = identityOf(volume.drive);
  const isElsewhere = record.port !== null && port !== null && record.port !== port;
  // Random bits, drawn at each step of the count, which no device leaves its port without.
  if (record.bootCount === info.bootCount && session !== null) return record.session === session && !isElsewhere;
  if (record.port !== null && record.port === port) return true;
  // The count never falls: either this is another device, or INFO.TXT is an old one.
  if (info.bootCount < record.bootCount) return null;
  const status = await readStatus(context, volume);
  if (status.kind === 'intact' && [status.value.nonce, status.value.pingNonce].includes(record.nonce)) return true;
  // It may have been moved to another port, or be a twin of one that is away just because of this update.
  return null;
}

/** The records of this device that are open, the latest first. Tells of those of which it is not known whose they are. */
async function* ownRecords(
  context: Context,
  volume: MountedVolume,
  info: Info,
): AsyncGenerator<Report, readonly OpenRecord[]> {
  const { findings } = context;
  const own: OpenRecord[] = [];
  for (const record of findings.open) {
    if (findings.dealtWith.has(record.nonce)) continue;
    const holds = await isOf(context, record, { volume, info });
    if (holds === true) own.push(record);
    if (holds === null) {
      const message = `${named(record)} stays open: it may be of another device with the serial ${record.serial}, at port ${record.port}.`;
      yield notice('record-open', message);
    }
  }
  findings.open = own;
  return own.sort((one, other) => other.bootCount - one.bootCount);
}

async function pendingOf(
  context: Context,
  { drive }: MountedVolume,
  info: Info,
  commitment: Commitment,
  origin: Origin,
): Promise<Pending> {
  const others = (await familyDrives(context)).filter(({ attachment }) => attachment !== drive.attachment);
  return {
    commitment,
    origin,
    timing: info.details?.timing ?? LONGEST_TIMING,
    device: identityOf(drive, info),
    others: others.map(({ attachment }) => attachment),
  };
}

/** What earlier runs of this computer left open, resolved first (protocol §10.1). `null`: nothing to follow. */
async function* followRecord(
  context: Context,
  volume: MountedVolume,
  info: Info,
  trigger: Found<Trigger>,
): AsyncGenerator<Report, Event | null> {
  const [record, ...older] = yield* ownRecords(context, volume, info);
  if (record === undefined) return null;
  // What came after them was begun only once they had ended.
  for (const { nonce } of older) yield* told(await closeRecord(context, nonce));
  const origin = wants(context.options.job, record) ? 'earlier' : 'foreign';
  const pending = await pendingOf(context, volume, info, record, origin);
  forgetWhatRuns(context);
  if (info.bootCount > record.bootCount) {
    context.findings.before = { image: record.oldImage };
    context.findings.from = record.fromVersion;
    return { type: 'answered', pending, volume };
  }
  if (info.bootCount < record.bootCount) {
    const message = `Expected a boot count of at least ${record.bootCount}, found ${info.bootCount}.`;
    throw missing(context, volume, 'info-stale', message);
  }
  if (info.details === null || trigger.kind === 'unreadable') {
    const found = info.details === null ? `protocol ${info.protocol}` : trigger.kind;
    throw new SpacepackError('lost-track', `${named(record)}: expected to read its trigger, found ${found}.`);
  }
  if (trigger.kind === 'intact' && trigger.value.nonce === record.nonce && isLive(trigger.value, info)) {
    requireFresh(context, volume, info);
    if (context.options.dryRun) throw busy(`${named(record)} has not been answered yet.`);
    yield notice('trigger-joined', `${named(record)} has not been answered yet; waiting for it.`);
    return { type: 'joined', pending, volume };
  }
  if (context.options.dryRun) {
    // Without the device's lock: the run that has saved it may be about to write its trigger.
    context.findings.open = [];
    context.findings.dealtWith.add(record.nonce);
    yield notice('record-open', `${named(record)} has not reached the device.`);
    noteWhatRuns(context, info);
    return null;
  }
  // protocol §10.4: same boot count and session and no such trigger, so it never arrived.
  yield* told(await closeRecord(context, record.nonce));
  noteWhatRuns(context, info);
  yield notice('record-dropped', `${named(record)} never reached the device.`);
  return null;
}

function* told(report: Report | null): Generator<Report, void> {
  if (report !== null) yield report;
}

function busy(message: string): SpacepackError {
  return new SpacepackError('device-busy', message);
}

/** A live trigger of somebody else: joined if it asks for the very same payload, else waited for (protocol §7.6). */
async function* joinStranger(
  context: Context,
  volume: MountedVolume,
  info: Info,
  trigger: Trigger,
): AsyncGenerator<Report, Event> {
  const { options, environment } = context;
  const { job } = options;
  const { action, nonce, bootCount, session } = trigger;
  const what = `An ${action.kind} that this run did not begin`;
  // What is awaited may change what runs, whosever it is.
  forgetWhatRuns(context);
  if (options.dryRun) throw busy(`${what} has not been answered yet.`);
  const commitment: Commitment = {
    serial: info.serial,
    action: action.kind,
    nonce,
    bootCount,
    session,
    newImage: null,
    oldImage: info.image,
  };
  const isSame = job.kind === 'install' && action.kind === 'install' && action.payload.sha256 === job.image.sha256;
  if (!isSame) {
    yield notice('waiting-for-stranger', `${what} has not been answered yet; waiting for it, then this one begins.`);
    return { type: 'joined', pending: await pendingOf(context, volume, info, commitment, 'stranger'), volume };
  }
  const record: OpenRecord = {
    ...commitment,
    ...keptFamily(context.profile),
    newImage: job.image.imageHash,
    fromVersion: context.findings.from,
    toVersion: formatVersion(job.image.version),
    port: identityOf(volume.drive).port,
    timing: info.details?.timing ?? LONGEST_TIMING,
    committedAt: environment.date().toISOString(),
  };
  await environment.records.save(record);
  context.findings.open = [record];
  yield notice('trigger-joined', 'Another run has committed the same image; waiting for it.');
  return { type: 'joined', pending: await pendingOf(context, volume, info, record, 'earlier'), volume };
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
  requireFresh(context, volume, info);
  return yield* joinStranger(context, volume, info, trigger.value);
}
