import { SpacepackError } from '../protocol/errors.ts';
import { type Info, parseInfo } from '../protocol/info.ts';
import { type Parsed, TEXT_LIMIT, TRIGGER_LIMIT } from '../protocol/key-value.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { parseStatus, type Status } from '../protocol/status.ts';
import { parseTrigger, type Trigger } from '../protocol/trigger.ts';
import { type Context, until } from './context.ts';

/** A text file as it was found. */
export type Found<T> = Parsed<T> | { readonly kind: 'absent'; readonly why: string };

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

export function readInfo(context: Context, volume: MountedVolume): Promise<Found<Info>> {
  return readFile(context, volume, 'info', TEXT_LIMIT, parseInfo);
}

export function readStatus(context: Context, volume: MountedVolume): Promise<Found<Status>> {
  return readFile(context, volume, 'status', TEXT_LIMIT, parseStatus);
}

export function readTrigger(context: Context, volume: MountedVolume): Promise<Found<Trigger>> {
  return readFile(context, volume, 'trigger', TRIGGER_LIMIT, parseTrigger);
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
  throw new SpacepackError(code, `Reading the device's own description${waited}: ${found.why}.`);
}
