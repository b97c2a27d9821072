import { SpacepackError } from '../protocol/errors.ts';
import type { Event, StateOf } from '../protocol/machine.ts';
import type { Context } from './context.ts';
import { removeLeftovers } from './leftovers.ts';
import { pathOf } from './reading.ts';
import type { Report } from './report.ts';
import { withProgress } from './with-progress.ts';

/** Writes the payload, makes it durable, and reads back what the device will read. */
export async function* stage(context: Context, { device }: StateOf<'stage'>): AsyncGenerator<Report, Event> {
  const { options, profile, environment, findings } = context;
  const { volumes } = environment;
  const { job } = options;
  if (job.kind !== 'install') throw new TypeError('only an install stages a payload');
  if (await removeLeftovers(context, device.volume)) {
    yield { type: 'notice', code: 'leftover-removed', message: 'Removed what an earlier run had left on the device.' };
  }
  const path = pathOf(context, 'payload');
  const totalBytes = job.image.sizeBytes;
  const signal = context.signal();
  yield* withProgress('write', totalBytes, (onDurable) =>
    volumes.write(device.volume, path, job.read(), {
      syncBytes: profile.write.syncBytes,
      stallMs: profile.patience.stallMs,
      onDurable,
      ...(signal && { signal }),
    }),
  );
  context.check();

  const readBack = yield* withProgress('verify', totalBytes, (onBytes) =>
    volumes.readBack(device.volume, path, onBytes),
  );
  if (readBack.sha256 !== job.image.sha256 || readBack.sizeBytes !== totalBytes) {
    throw new SpacepackError(
      'readback-differs',
      `Expected ${totalBytes} bytes with SHA-256 ${job.image.sha256}, read back ${readBack.sizeBytes} with ${readBack.sha256}.`,
    );
  }
  findings.readBack = readBack.kind;
  if (readBack.kind === 'cached') {
    yield {
      type: 'notice',
      code: 'readback-cached',
      message: "Read back through the computer's cache; the device checks the payload itself.",
    };
  }
  return { type: 'staged', device: { ...device, volume: readBack.volume } };
}
