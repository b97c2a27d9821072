import { SpacepackError } from '../protocol/errors.ts';
import { checkFit } from '../protocol/fit.ts';
import { contradictionIn, identityOf } from '../protocol/identity.ts';
import { type Info, type InfoDetails, PROTOCOL, runningVersion } from '../protocol/info.ts';
import type { Event, ReadyDevice, StateOf } from '../protocol/machine.ts';
import { printable } from '../protocol/printable.ts';
import { stalenessOf } from '../protocol/revision.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { findClaim } from './claims.ts';
import type { Context } from './context.ts';
import { missing, pathOf, readStatus, requireFresh, requireInfo } from './reading.ts';
import type { Report } from './report.ts';
import { isOwnMount } from './sighting.ts';
import { forgetWhatRuns, noteWhatRuns } from './what-runs.ts';

/** All that can be refused about the volume without writing to it. */
async function requireWritable(context: Context, volume: MountedVolume): Promise<void> {
  const { profile, environment, options } = context;
  // In a dry run a mount of our own is read-only on purpose.
  const mountedReadOnly = volume.mount.readOnly && !(options.dryRun && isOwnMount(context, volume));
  if (mountedReadOnly || volume.drive.writeProtected) {
    const what = volume.drive.writeProtected ? 'the medium write-protected' : 'it mounted read-only';
    throw new SpacepackError(
      'volume-read-only',
      `Expected ${printable(volume.mount.path)} to be writable, found ${what}.`,
    );
  }
  const entries = (await environment.volumes.entries(volume, profile.folder)) ?? [];
  const reserved = [profile.files.payload, profile.files.trigger];
  for (const entry of entries) {
    if (reserved.includes(entry.name.toUpperCase()) && entry.kind !== 'file') {
      throw new SpacepackError(
        'volume-foreign',
        `Expected ${printable(entry.name)} to be a regular file or absent, found something else.`,
      );
    }
  }
  if (options.job.kind === 'ping') return;
  const leftover = entries.find(({ name }) => name.toUpperCase() === profile.files.payload)?.sizeBytes ?? 0;
  const needed = options.job.image.sizeBytes + profile.write.spareBytes;
  const free = (await environment.volumes.freeBytes(volume)) + leftover;
  if (free < needed) {
    throw new SpacepackError(
      'volume-full',
      `Expected ${needed} bytes free on ${printable(volume.mount.path)}, found ${free}.`,
    );
  }
}

async function requireStatus(context: Context, volume: MountedVolume): Promise<void> {
  const status = await readStatus(context, volume);
  if (status.kind !== 'absent' && status.kind !== 'unreadable') return;
  throw missing(context, volume, 'info-missing', `Expected to read ${pathOf(context, 'status')}: ${status.why}.`);
}

function requireKnownProtocol(info: Info): InfoDetails {
  if (info.details !== null) return info.details;
  throw new SpacepackError('protocol-unknown', `Expected protocol ${PROTOCOL}, found ${info.protocol}.`);
}

/** What runs before this run begins its own work: what others began before it has ended by then. */
function keep(context: Context, { volume, round }: StateOf<'identify'>, info: Info): void {
  const { findings } = context;
  const isStale = stalenessOf(info, volume.drive.usb?.revision ?? null) !== null;
  findings.device = info.serial;
  findings.from = isStale ? null : runningVersion(info);
  if (round === 1 || findings.before === null) findings.before = { image: info.image };
  if (isStale) forgetWhatRuns(context);
  else noteWhatRuns(context, info);
}

/** INFO.TXT of the device that is meant, read once nobody else can change what it says. */
async function requireOwnInfo(context: Context, state: StateOf<'identify'>): Promise<Info> {
  const { options, profile } = context;
  const { volume } = state;
  const read = async (): Promise<Info> => {
    const info = await requireInfo(context, volume);
    const contradiction = contradictionIn(profile, volume.drive, info, options.target.identity);
    if (contradiction !== null) throw contradiction;
    keep(context, state, info);
    return info;
  };
  const first = await read();
  if (options.dryRun) return first;
  // Until then another run may be at work.
  forgetWhatRuns(context);
  // Two devices may have one serial, but not one port.
  await context.lock(`${first.serial}@${identityOf(volume.drive).port ?? ''}`);
  return read();
}

/** Reads who the device is, takes its lock, resolves what earlier runs left open, and decides whether this job fits it. */
export async function* identify(context: Context, state: StateOf<'identify'>): AsyncGenerator<Report, Event> {
  const { volume } = state;
  const { options, environment, profile } = context;
  const info = await requireOwnInfo(context, state);

  const claim = yield* findClaim(context, volume, info);
  if (claim !== null) return claim;

  const details = requireKnownProtocol(info);
  requireFresh(context, volume, info);
  await requireStatus(context, volume);
  const device: ReadyDevice = { volume, info, details };
  const { job } = options;
  if (job.kind === 'install' && checkFit(job.image, info, details, profile, job.allowDowngrade) === 'current') {
    return { type: 'satisfied', code: 'already-current' };
  }
  await requireWritable(context, volume);
  if (options.dryRun) return { type: 'satisfied', code: 'would-apply' };
  await environment.records.prepare();
  return { type: 'ready', device, stage: job.kind === 'install' };
}
