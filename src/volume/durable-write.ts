import type { Clock } from '../computer/clock.ts';
import { within } from '../computer/within.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { WriteOptions } from './port.ts';
import type { Call } from './verb.ts';

/** The verbs of an open file that a durable write needs; a FileHandle is one. */
export interface WritableFile {
  write(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  sync(): Promise<void>;
}

/** Largest single write, in bytes: the system chooses the order of sectors within one write. */
const WRITE_BYTES = 256 * 1024;

/** An fsync shorter than this, in ms, may cover twice as much next time: the kernel's own writeback comes every 5 s. */
const QUICK_MS = 200;
const MOST_STRETCHES = 16;

/**
 * Writes all of `data` and makes it durable, with an fsync every `syncBytes`, and less often while each is quick: only
 * a long fsync lets the kernel write a directory entry of size 0 in between. While an fsync runs, the next stretch is
 * fetched and written, so that reading the source, hashing and the device's work overlap. Each piece is written before
 * the next is requested, so a source may reuse its buffer.
 *
 * Resolves with the bytes written. Rejects with `interrupted` before the next piece once the signal aborts, with
 * `volume-stalled` if one call makes no progress for `stallMs`, and with the system's error. Never closes the sink.
 * `limited` makes each call; without it, `stallMs` is the only limit.
 */
export async function pour(
  sink: WritableFile,
  data: AsyncIterable<Uint8Array>,
  options: WriteOptions,
  clock: Clock,
  doing: string,
  limited?: Call,
): Promise<number> {
  const { syncBytes, stallMs, onDurable, signal } = options;
  const call: Call = limited ?? ((make, late) => within(clock, stallMs, doing, make(), { ...(late && { late }) }));
  let written = 0;
  let synced = 0;
  let stretch = syncBytes;
  let syncing: Promise<void> | null = null;

  const startSync = (): void => {
    const upTo = written;
    const startedAt = clock.now();
    synced = upTo;
    syncing = call(() => sink.sync()).then(() => {
      stretch = clock.now() - startedAt < QUICK_MS ? Math.min(stretch * 2, syncBytes * MOST_STRETCHES) : syncBytes;
      onDurable?.(upTo);
    });
    // It is awaited before the next one starts; a rejection before then must not count as unhandled.
    syncing.catch(() => undefined);
  };

  for await (const piece of data) {
    for (let offset = 0; offset < piece.length; ) {
      throwIfAborted(signal, doing);
      const length = Math.min(WRITE_BYTES, piece.length - offset, synced + stretch - written);
      const [from, to] = [offset, written];
      const { bytesWritten } = await call(() => sink.write(piece, from, length, to));
      if (bytesWritten === 0)
        throw new SpacepackError(
          'volume-full',
          `${doing}: expected the volume to take more bytes, found that it took none after ${written}.`,
        );
      offset += bytesWritten;
      written += bytesWritten;
      if (written - synced >= stretch) {
        await syncing;
        startSync();
      }
    }
  }
  throwIfAborted(signal, doing);
  await syncing;
  // Also for an empty file, and once more after the last stretch: close() must have nothing left to write.
  if (synced < written || written === 0) startSync();
  await syncing;
  return written;
}

function throwIfAborted(signal: AbortSignal | undefined, doing: string): void {
  if (!signal?.aborted) return;
  if (signal.reason instanceof SpacepackError) throw signal.reason;
  throw new SpacepackError('interrupted', `${doing}: called off.`);
}
