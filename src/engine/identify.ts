import { type DeviceInfo, runningVersion } from '../protocol/device-info.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { contradictionIn, identityOf, lockNameOf, nameOf, serialOf } from '../protocol/identity.ts';
import type { Event, ReadyDevice, StateOf } from '../protocol/machine.ts';
import { requireFormat } from '../protocol/match.ts';
import { printable } from '../protocol/printable.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { findClaim } from './claims.ts';
import { compareFlash } from './compare-flash.ts';
import type { RunContext } from './context.ts';
import { fileNameIn, missing, readAnswer, requireFresh, requireInfo } from './reading.ts';
import type { Report } from './report.ts';
import { isOwnMount, mountedAnew } from './sighting.ts';
import { takeSteps } from './steps.ts';
import { forgetWhatRuns, noteWhatRuns, runningIn } from './what-runs.ts';

/** All that can be wrong with the volume, as far as that shows without writing to it. */
async function requireWritable(context: RunContext, volume: MountedVolume): Promise<void> {
  const { family, environment, options } = context;
  // In a dry run our own mount is read-only on purpose.
  const mountedReadOnly = volume.mount.readOnly && !(options.dryRun && isOwnMount(context, volume));
  if (mountedReadOnly || volume.drive.writeProtected) {
    const what = volume.drive.writeProtected ? 'the medium write-protected' : 'it mounted read-only';
    throw new SpacepackError(
      'volume-read-only',
      `Expected ${printable(volume.mount.path)} to be writable, found ${what}.`,
    );
  }
  const entries = (await environment.volumes.entries(volume, family.folder)) ?? [];
  const { payload, trigger } = family.files;
  const reserved = [trigger.path, ...(payload === null ? [] : [payload.path])].map(fileNameIn);
  for (const entry of entries) {
    if (reserved.includes(entry.name.toUpperCase()) && entry.kind !== 'file') {
      throw new SpacepackError(
        'volume-foreign',
        `Expected ${printable(entry.name)} to be a regular file or absent, found something else.`,
      );
    }
  }
  if (options.job.kind === 'ping') return;
  const leftover =
    entries.find(({ name }) => name.toUpperCase() === fileNameIn((payload ?? trigger).path))?.sizeBytes ?? 0;
  const needed = options.job.image.sizeBytes + family.write.spareBytes;
  const free = (await environment.volumes.freeBytes(volume)) + leftover;
  if (free < needed) {
    throw new SpacepackError(
      'volume-full',
      `Expected ${needed} bytes free on ${printable(volume.mount.path)}, found ${free}.`,
    );
  }
}

/** Throws `info-missing` if the device has not written the file that it answers in. */
async function requireAnswer(context: RunContext, volume: MountedVolume): Promise<void> {
  const { isAlwaysThere } = context.family.files.answer;
  const answer = await readAnswer(context, volume);
  if (answer.kind === 'intact' || (answer.kind === 'absent' && !isAlwaysThere)) return;
  throw missing(context, volume, 'info-missing', answer.why);
}

/** Keeps what runs before this run begins its own work. By then, what others began has ended. */
function keep(context: RunContext, { volume, round }: StateOf<'identify'>, info: DeviceInfo): void {
  const { findings } = context;
  const isStale = context.family.stalenessOf(info, volume.drive) !== null;
  findings.device = nameOf({ ...identityOf(volume.drive), serial: serialOf(volume.drive, info) });
  findings.from = isStale ? null : runningVersion(info);
  if (round === 1 || findings.before === null) findings.before = runningIn(info);
  if (isStale) forgetWhatRuns(context);
  else noteWhatRuns(context, info);
}

/** What the target says about itself, read once nobody else can change it. */
async function requireOwnInfo(context: RunContext, state: StateOf<'identify'>): Promise<DeviceInfo> {
  const { options, family } = context;
  const { volume } = state;
  const read = async (): Promise<DeviceInfo> => {
    const info = await requireInfo(context, volume);
    const contradiction = contradictionIn(family, volume.drive, info, options.target.identity);
    if (contradiction !== null) throw contradiction;
    keep(context, state, info);
    return info;
  };
  const first = await read();
  if (options.dryRun) return first;
  // Until then another run may be at work.
  forgetWhatRuns(context);
  await context.lock(lockNameOf(volume.drive, first));
  return read();
}

/** Reads who the device is, locks it, resolves what earlier runs left open, and decides whether this job fits it. */
export async function* identify(context: RunContext, found: StateOf<'identify'>): AsyncGenerator<Report, Event> {
  const { options, environment, family, findings } = context;
  const isStale = family.returns === 'in-place' && !options.dryRun;
  const state = isStale ? { ...found, volume: await mountedAnew(context, found.volume) } : found;
  let { volume } = state;
  const info = await requireOwnInfo(context, state);
  if (options.compareOnly) return yield* compareFlash(context, volume, info);

  const claim = yield* findClaim(context, volume, info);
  if (claim !== null) return claim;

  const obstacle = family.obstacle(info);
  if (obstacle !== null) throw obstacle;
  requireFresh(context, volume, info);
  await requireAnswer(context, volume);
  const { job } = options;
  if (job.kind === 'install') requireFormat(family, job.image);
  if (job.kind === 'install' && family.checkFit(job.image, info, job.allowDowngrade) === 'current') {
    return { type: 'satisfied', code: 'already-current' };
  }
  if (job.kind === 'install' && family.programming !== null) {
    const surveyed = yield* takeSteps(
      context,
      volume,
      family.programming.survey(job.image, info, findings.isUnfinished),
    );
    volume = surveyed.volume;
    if (surveyed.value === 'current') return { type: 'satisfied', code: 'already-current' };
  }
  await requireWritable(context, volume);
  if (options.dryRun) return { type: 'satisfied', code: 'would-apply' };
  await environment.records.prepare();
  const device: ReadyDevice = { volume, info };
  return { type: 'ready', device, stage: job.kind === 'install' && family.files.payload !== null };
}
