import { SpacepackError } from '../protocol/errors.ts';
import { type Info, parseInfo } from '../protocol/info.ts';
import { type Parsed, TEXT_LIMIT, TRIGGER_LIMIT } from '../protocol/key-value.ts';
import { stalenessOf } from '../protocol/revision.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { parseStatus, type Status } from '../protocol/status.ts';
import { parseTrigger, type Trigger } from '../protocol/trigger.ts';
import { type Context, until } from './context.ts';

/** A text file as it was found. `unreadable`: it is there, and reading it fails again and again. */
export type Found<T> = Parsed<T> | { readonly kind: 'absent' | 'unreadable'; readonly why: string };

/** How often to look at a torn file, in ms: no system tells when the content of a file has changed. */
export const TORN_LOOK_MS = 250;

type File = 'info' | 'status' | 'payload' | 'trigger';

/** The path of one of the four files within the volume. */
export function pathOf({ profile }: Context, file: File): string {
  return `${profile.folder}/${profile.files[file]}`;
}

async function readFile<T>(
  context: Context,
  volume: MountedVolume,
  file: File,
  limitBytes: number,
  parse: (bytes: Uint8Array) => Parsed<T>,
): Promise<Found<T>> {
  const path = pathOf(context, file);
  // One byte more than allowed, to see that there is more (protocol §10.6).
  const bytes = await context.environment.volumes.read(volume, path, limitBytes + 1);
  if (bytes === null) return { kind: 'absent', why: `expected ${path}, found none` };
  const parsed = parse(bytes);
  return parsed.kind === 'intact' ? parsed : { kind: parsed.kind, why: `${path}: ${parsed.why}` };
}

/** As `readFile`, for a file whose chain may be damaged while the volume is sound. */
async function readDamaged<T>(context: Context, read: () => Promise<Found<T>>): Promise<Found<T>> {
  for (let left = 1; ; left -= 1) {
    try {
      return await read();
    } catch (thrown) {
      if (!(thrown instanceof SpacepackError) || thrown.code !== 'volume-io') throw thrown;
      if (left === 0) return { kind: 'unreadable', why: thrown.message };
      await context.environment.clock.sleep(TORN_LOOK_MS, context.signal());
    }
  }
}

export function readInfo(context: Context, volume: MountedVolume): Promise<Found<Info>> {
  return readFile(context, volume, 'info', TEXT_LIMIT, parseInfo);
}

export function readStatus(context: Context, volume: MountedVolume): Promise<Found<Status>> {
  return readDamaged(context, () => readFile(context, volume, 'status', TEXT_LIMIT, parseStatus));
}

export function readTrigger(context: Context, volume: MountedVolume): Promise<Found<Trigger>> {
  return readDamaged(context, () => readFile(context, volume, 'trigger', TRIGGER_LIMIT, parseTrigger));
}

/** What helps where a device has not written its own files: it never repairs a card (protocol §9.5). */
function cardRemedy(context: Context, volume: MountedVolume): string {
  const check = context.environment.volumes.checkCommand(volume);
  return (
    'Unplug the device, plug it in again, and repeat the command. If that does not help, the device cannot write to its card: ' +
    `make room if the card or its root folder is full. ${check}`
  );
}

/** The error for a file of the device's own that is not there, or not whole. */
export function missing(
  context: Context,
  volume: MountedVolume,
  code: 'info-missing' | 'info-malformed' | 'info-stale',
  message: string,
): SpacepackError {
  return new SpacepackError(code, message, { remedy: cardRemedy(context, volume) });
}

/** Throws `info-stale` for an INFO.TXT of before (protocol §9.5), which would have a run say, and wait for, what is no longer so. */
export function requireFresh(context: Context, volume: MountedVolume, info: Info): void {
  const message = stalenessOf(info, volume.drive.usb?.revision ?? null);
  if (message !== null) throw missing(context, volume, 'info-stale', message);
}

/** INFO.TXT, given time to heal if it is torn. Throws `info-missing` or `info-malformed`. */
export async function requireInfo(context: Context, volume: MountedVolume): Promise<Info> {
  const { tornMs } = context.profile.patience;
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
