import type { Commitment, OpenRecord, Trace } from '../protocol/commitment.ts';
import type { DeviceInfo } from '../protocol/device-info.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { LiveCommit, Witnesses } from '../protocol/family.ts';
import { compareSerials, identityOf, serialOf } from '../protocol/identity.ts';
import type { Event, Origin, Pending } from '../protocol/machine.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { Job, RunContext } from './context.ts';
import { removeTorn } from './leftovers.ts';
import { missing, readTrigger, readWitnesses, requireFresh } from './reading.ts';
import { closeRecord, recordOf } from './records.ts';
import { notice, type Report } from './report.ts';
import { whatCommits } from './what-commits.ts';
import { forgetWhatRuns, noteWhatRuns } from './what-runs.ts';

/** Whether a record is of exactly what this run is here to do. */
export function wants(job: Job, record: OpenRecord): boolean {
  return job.kind === record.action && (job.kind === 'ping' || job.image.imageHash === record.newImage);
}

const named = ({ action, committedAt }: OpenRecord): string => `The ${action} of ${committedAt}`;

interface Traced {
  readonly record: OpenRecord;
  readonly trace: Trace;
}

/** Whether a record is of this device: two devices can have the same serial. `null`: not known. */
function isOf({ record, trace }: Traced, { drive }: MountedVolume): boolean | null {
  if (trace.kind === 'other') return false;
  const { port } = identityOf(drive);
  const isElsewhere = record.port !== null && port !== null && record.port !== port;
  // It has not been away, and no device changes ports without that. But its card could have been moved.
  if (trace.kind === 'waiting' || trace.kind === 'never-arrived' || trace.kind === 'unreadable') return !isElsewhere;
  if (record.port !== null && record.port === port) return true;
  // Otherwise it may have been moved to another port, or be a twin of one that is away because of this very update; or
  // its files are old.
  return trace.kind === 'answered' && trace.testimony.isNamed ? true : null;
}

/** The open records of this device, the latest first. Reports those that may be of another device. */
async function* ownRecords(
  { family, findings }: RunContext,
  volume: MountedVolume,
  info: DeviceInfo,
  witnesses: Witnesses,
): AsyncGenerator<Report, readonly Traced[]> {
  const own: Traced[] = [];
  for (const record of findings.open) {
    if (findings.dealtWith.has(record.nonce) || compareSerials(record.serial, info.serial) === 'other') continue;
    const traced = { record, trace: family.trace(record, info, witnesses) };
    const holds = isOf(traced, volume);
    if (holds === true) own.push(traced);
    if (holds === null) {
      const message = `${named(record)} stays open: it may be of another device with the serial ${record.serial ?? 'not known'}, at port ${record.port}.`;
      yield notice('record-open', message);
    }
  }
  own.sort(({ record: one }, { record: other }) => (family.isLater(one.memory, other.memory) ? -1 : 1));
  findings.open = own.map(({ record }) => record);
  return own;
}

function pendingOf(
  { findings }: RunContext,
  { drive }: MountedVolume,
  info: DeviceInfo,
  commitment: Commitment,
  origin: Origin,
): Pending {
  return { commitment, origin, timing: info.timing, device: identityOf(drive, info), others: findings.others };
}

/**
 * Resolves first what earlier runs of this computer left open (protocol §10.1). `null`: nothing to follow; `removed`:
 * nothing either, since what was there of a trigger has been removed.
 */
async function* followRecord(
  context: RunContext,
  volume: MountedVolume,
  info: DeviceInfo,
  witnesses: Witnesses,
): AsyncGenerator<Report, Event | 'removed' | null> {
  const [latest, ...older] = yield* ownRecords(context, volume, info, witnesses);
  if (latest === undefined) return null;
  const { record, trace } = latest;
  // Those that came later began only once these had ended.
  for (const { record: earlier } of older) yield* closeRecord(context, earlier.nonce);
  const origin = wants(context.options.job, record) ? 'earlier' : 'foreign';
  const pending = pendingOf(context, volume, info, record, origin);
  forgetWhatRuns(context);
  switch (trace.kind) {
    case 'answered':
      context.findings.before = { image: record.oldImage };
      context.findings.from = record.fromVersion;
      return { type: 'answered', pending, volume };
    case 'outdated':
      throw missing(context, volume, 'info-stale', trace.why);
    case 'waiting':
      requireFresh(context, volume, info);
      if (context.options.dryRun) throw busy(`${named(record)} has not been answered yet.`);
      yield notice('trigger-joined', `${named(record)} has not been answered yet; waiting for it.`);
      return { type: 'joined', pending, volume };
    case 'never-arrived':
    case 'over':
      break;
    default: {
      const found = trace.kind === 'unknown' ? trace.why : trace.kind;
      throw new SpacepackError(
        'lost-track',
        `${named(record)}: expected to read ${whatCommits(context.family)} again, found ${found}.`,
      );
    }
  }
  // Whatever image it was of: it may have come between the writing of this one and its commit.
  context.findings.isUnfinished = trace.kind === 'over';
  const ended = trace.kind === 'over' ? 'has ended, how is not known' : null;
  if (context.options.dryRun) {
    // A dry run has no lock of the device: the run that saved the record may be about to write its trigger.
    context.findings.open = [];
    context.findings.dealtWith.add(record.nonce);
    yield notice('record-open', `${named(record)} ${ended ?? 'has not reached the device'}.`);
    noteWhatRuns(context, info);
    return null;
  }
  const isTorn = trace.kind === 'never-arrived' && trace.isTorn === true;
  if (isTorn) await removeTorn(context, volume);
  yield* closeRecord(context, record.nonce);
  noteWhatRuns(context, info);
  yield notice('record-dropped', `${named(record)} ${ended ?? 'never reached the device'}.`);
  return isTorn ? 'removed' : null;
}

function busy(message: string): SpacepackError {
  return new SpacepackError('device-busy', message);
}

/** A live commit of somebody else: joined if its payload is the same, else waited for (protocol §7.6). */
async function* joinStranger(
  context: RunContext,
  volume: MountedVolume,
  info: DeviceInfo,
  live: LiveCommit,
): AsyncGenerator<Report, Event> {
  const { options, environment } = context;
  const { job } = options;
  const what = `An ${live.action} that this run did not start`;
  // Whoever committed it, it may change what runs.
  forgetWhatRuns(context);
  if (options.dryRun) throw busy(`${what} has not been answered yet.`);
  if (job.kind === 'install' && live.sha256 === job.image.sha256) {
    const record = recordOf(context, volume, info, live, job.image);
    await environment.records.save(record);
    context.findings.open = [record];
    yield notice('trigger-joined', 'Another run has committed the same image; waiting for it.');
    return { type: 'joined', pending: pendingOf(context, volume, info, record, 'earlier'), volume };
  }
  const { action, nonce, memory } = live;
  const commitment = {
    action,
    nonce,
    memory,
    serial: serialOf(volume.drive, info),
    newImage: null,
    oldImage: info.image,
  };
  yield notice(
    'waiting-for-stranger',
    `${what} has not been answered yet; this run waits for it, then starts its own.`,
  );
  return { type: 'joined', pending: pendingOf(context, volume, info, commitment, 'stranger'), volume };
}

/** Who has a claim on the device before this run may begin: an open record, or a live commit. `null`: nobody. */
export async function* findClaim(
  context: RunContext,
  volume: MountedVolume,
  info: DeviceInfo,
): AsyncGenerator<Report, Event | null> {
  const witnesses = await readWitnesses(context, volume);
  context.findings.witnesses = witnesses;
  const followed = yield* followRecord(context, volume, info, witnesses);
  if (followed !== null && followed !== 'removed') return followed;
  const trigger = followed === 'removed' ? await readTrigger(context, volume) : witnesses.trigger;
  const live = context.family.liveCommit(info, trigger);
  if (live === null) return null;
  requireFresh(context, volume, info);
  return yield* joinStranger(context, volume, info, live);
}
