import type { DeviceInfo } from '../protocol/device-info.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { ReadableFile, Witnesses } from '../protocol/family.ts';
import type { Found, FoundBytes } from '../protocol/found.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { type RunContext, until } from './context.ts';

/** How often to look at a torn file, in ms: no system reports that the content of a file has changed. */
export const TORN_LOOK_MS = 250;

/** The name at the end of a path, in upper case: FAT compares names regardless of case. */
export function fileNameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toUpperCase();
}

async function readFile(
  context: RunContext,
  volume: MountedVolume,
  { path, limitBytes }: ReadableFile,
): Promise<FoundBytes> {
  // One byte more than allowed, to see that there is more (protocol §10.6).
  const value = await context.environment.volumes.read(volume, path, limitBytes + 1);
  return value === null ? { kind: 'absent', why: `expected ${path}, found none` } : { kind: 'intact', value };
}

/** Like `readFile`, for a file whose cluster chain may be damaged on a sound volume. */
async function readDamaged(context: RunContext, volume: MountedVolume, file: ReadableFile): Promise<FoundBytes> {
  for (let left = 1; ; left -= 1) {
    try {
      return await readFile(context, volume, file);
    } catch (thrown) {
      if (!(thrown instanceof SpacepackError) || thrown.code !== 'volume-io') throw thrown;
      if (left === 0) return { kind: 'unreadable', why: thrown.message };
      await context.environment.clock.sleep(TORN_LOOK_MS, context.signal());
    }
  }
}

const NOTHING: FoundBytes = { kind: 'intact', value: new Uint8Array() };

export async function readInfo(context: RunContext, volume: MountedVolume): Promise<Found<DeviceInfo>> {
  const { info } = context.family.files;
  const found = info === null ? NOTHING : await readFile(context, volume, info);
  if (found.kind !== 'intact') return found;
  const parsed = context.family.parseInfo(found.value, volume.drive);
  return parsed.kind === 'intact'
    ? parsed
    : { kind: parsed.kind, why: `${info?.path ?? 'what the drive says'}: ${parsed.why}` };
}

export function readAnswer(context: RunContext, volume: MountedVolume): Promise<FoundBytes> {
  return readDamaged(context, volume, context.family.files.answer);
}

export function readTrigger(context: RunContext, volume: MountedVolume): Promise<FoundBytes> {
  return readDamaged(context, volume, context.family.files.trigger);
}

export async function readOthers(context: RunContext, volume: MountedVolume): Promise<Witnesses['others']> {
  const found = context.family.files.others.map(
    async (file) => [file.path, await readDamaged(context, volume, file)] as const,
  );
  return new Map(await Promise.all(found));
}

export async function readWitnesses(context: RunContext, volume: MountedVolume): Promise<Witnesses> {
  const [answer, trigger, others] = await Promise.all([
    readAnswer(context, volume),
    readTrigger(context, volume),
    readOthers(context, volume),
  ]);
  return { answer, trigger, others };
}

/** What helps if a device has not written its own files: it never repairs a card (protocol §9.5). */
function cardRemedy(context: RunContext, volume: MountedVolume): string {
  const check = context.environment.volumes.checkCommand(volume);
  return (
    'Unplug the device, plug it in again, and repeat the command. If that does not help, the device cannot write to its card: ' +
    `make room if the card or its root folder is full. ${check}`
  );
}

/** The error for a file of the device that is missing, not whole, or old. */
export function missing(
  context: RunContext,
  volume: MountedVolume,
  code: 'info-missing' | 'info-malformed' | 'info-stale',
  message: string,
): SpacepackError {
  return new SpacepackError(code, message, { remedy: cardRemedy(context, volume) });
}

/** Throws `info-stale` for old files: a run would report, and wait for, what is no longer true. */
export function requireFresh(context: RunContext, volume: MountedVolume, info: DeviceInfo): void {
  const message = context.family.stalenessOf(info, volume.drive);
  if (message !== null) throw missing(context, volume, 'info-stale', message);
}

/** What the device says about itself; a torn file gets time to heal. Throws `info-missing` or `info-malformed`. */
export async function requireInfo(context: RunContext, volume: MountedVolume): Promise<DeviceInfo> {
  const { tornMs } = context.family.patience;
  const settled = await until(
    context,
    tornMs,
    async () => {
      const info = await readInfo(context, volume);
      return info.kind === 'torn' ? null : info;
    },
    TORN_LOOK_MS,
  );
  const found = settled ?? (await readInfo(context, volume));
  if (found.kind === 'intact') return found.value;
  const waited = found.kind === 'torn' ? ` for ${tornMs} ms` : '';
  const code = found.kind === 'absent' ? 'info-missing' : 'info-malformed';
  throw missing(context, volume, code, `Reading the device's own description${waited}: ${found.why}.`);
}
