import { SpacepackError } from '../protocol/errors.ts';
import type { Event, StateOf } from '../protocol/machine.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { Job, RunContext } from './context.ts';
import { removeLeftovers } from './leftovers.ts';
import { notice, type Report } from './report.ts';
import { freshMount } from './sighting.ts';
import { withProgress } from './with-progress.ts';

type Install = Extract<Job, { kind: 'install' }>;

async function* write(
  context: RunContext,
  volume: MountedVolume,
  path: string,
  { image, read }: Install,
): AsyncGenerator<Report, void> {
  const { family, environment } = context;
  await context.hold(volume);
  if (await removeLeftovers(context, volume)) {
    yield notice('leftover-removed', 'Removed what an earlier run had left on the device.');
  }
  const signal = context.signal();
  yield* withProgress('write', image.sizeBytes, (onDurable) =>
    environment.volumes.write(volume, path, read(), {
      syncBytes: family.write.syncBytes,
      stallMs: family.patience.stallMs,
      onDurable,
      ...(signal && { signal }),
    }),
  );
}

/** Unmounts and mounts again. Throws `volume-read-only` if that is not possible. */
async function mountAnew(context: RunContext, volume: MountedVolume): Promise<MountedVolume> {
  const fresh = await freshMount(context, volume);
  if (fresh !== null) return fresh;
  throw new SpacepackError(
    'volume-read-only',
    'Expected to mount the volume again after it had turned read-only, found no way to.',
  );
}

/** Writes the payload, makes it durable, and reads back what the device will read. */
export async function* stage(context: RunContext, { device }: StateOf<'stage'>): AsyncGenerator<Report, Event> {
  const { options, environment, findings } = context;
  const { job } = options;
  const { payload } = context.family.files;
  if (job.kind !== 'install' || payload === null) throw new TypeError('there is no payload to stage');
  const { path } = payload;
  let { volume } = device;
  try {
    yield* write(context, volume, path, job);
  } catch (thrown) {
    // It was writable a moment ago. Removing a leftover whose cluster chain was cut short by a pulled cable makes Linux
    // turn the volume read-only (errors=remount-ro); the damage is gone with it, and a new mount can be written again.
    if (!(thrown instanceof SpacepackError) || thrown.code !== 'volume-read-only') throw thrown;
    yield notice('mounted-anew', 'The volume turned read-only; mounting it again.');
    volume = await mountAnew(context, volume);
    yield* write(context, volume, path, job);
  }
  context.check();

  const totalBytes = job.image.sizeBytes;
  const readBack = yield* withProgress('verify', totalBytes, (onBytes) =>
    environment.volumes.readBack(volume, path, onBytes),
  );
  if (readBack.sha256 !== job.image.sha256 || readBack.sizeBytes !== totalBytes) {
    throw new SpacepackError(
      'readback-differs',
      `Expected ${totalBytes} bytes with SHA-256 ${job.image.sha256}, found ${readBack.sizeBytes} with ${readBack.sha256}.`,
    );
  }
  findings.readBack = readBack.kind;
  if (readBack.kind === 'cached') {
    yield notice('readback-cached', "Read back through the computer's cache; the device checks the payload itself.");
  }
  return { type: 'staged', device: { ...device, volume: readBack.volume } };
}
