import { SpacepackError } from '../protocol/errors.ts';
import { checkFit } from '../protocol/fit.ts';
import { type Info, type InfoDetails, PROTOCOL } from '../protocol/info.ts';
import type { Event, ReadyDevice, StateOf } from '../protocol/machine.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { formatVersion } from '../protocol/versions.ts';
import { findClaim } from './claims.ts';
import type { Context } from './context.ts';
import { pathOf, readStatus, requireInfo } from './reading.ts';
import { printable, type Report } from './report.ts';

/** protocol §1.3: ids, media name and INFO.TXT must tell of the same device. */
function requireSameDevice(context: Context, volume: MountedVolume, info: Info): void {
  const usbSerial = volume.drive.usb?.serial ?? null;
  if (usbSerial !== null && usbSerial !== info.serial) {
    throw new SpacepackError(
      'info-serial',
      `Expected serial ${printable(usbSerial)} in INFO.TXT, found ${info.serial}.`,
    );
  }
  const { model } = context.profile;
  if (info.details !== null && info.details.model !== model) {
    throw new SpacepackError('info-model', `Expected model ${model} in INFO.TXT, found ${info.details.model}.`);
  }
}

/** All that can be refused about the volume without writing to it. */
async function requireWritable(context: Context, volume: MountedVolume): Promise<void> {
  const { profile, environment, options } = context;
  if (volume.mount.readOnly || volume.drive.writeProtected) {
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
  if (status.kind === 'absent') {
    throw new SpacepackError('info-missing', `Expected ${pathOf(context, 'status')}, found none.`);
  }
}

function requireKnownProtocol(info: Info): InfoDetails {
  if (info.details !== null) return info.details;
  throw new SpacepackError('protocol-unknown', `Expected protocol ${PROTOCOL}, found ${info.protocol}.`);
}

/** Reads who the device is, takes its lock, resolves what earlier runs left open, and decides whether this job fits it. */
export async function* identify(context: Context, { volume }: StateOf<'identify'>): AsyncGenerator<Report, Event> {
  const { options, profile, findings } = context;
  const info = await requireInfo(context, volume);
  requireSameDevice(context, volume, info);
  findings.device = info.serial;
  findings.from = info.details?.version ? formatVersion(info.details.version) : null;
  findings.to = findings.from;
  await context.lock(info.serial);

  const claim = yield* findClaim(context, volume, info);
  if (claim !== null) return claim;

  const details = requireKnownProtocol(info);
  await requireStatus(context, volume);
  const device: ReadyDevice = { volume, info, details };
  const { job } = options;
  if (job.kind === 'install' && checkFit(job.image, info, details, profile, job.allowDowngrade) === 'current') {
    return { type: 'satisfied', code: 'already-current' };
  }
  await requireWritable(context, volume);
  if (options.dryRun) return { type: 'satisfied', code: 'would-apply' };
  return { type: 'ready', device, stage: job.kind === 'install' };
}
