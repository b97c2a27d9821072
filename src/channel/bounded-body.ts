import { messageOf, SpacepackError } from '../protocol/errors.ts';
import type { FaultCode } from '../protocol/faults.ts';
import type { TransportReply } from './transport.ts';

/** How fast a server must be for us to wait for it. */
export interface Pace {
  /** In each window of this many ms … */
  readonly windowMs: number;
  /** … at least this many bytes must arrive. */
  readonly leastBytes: number;
  /** All bytes must arrive within this many ms. */
  readonly mostMs: number;
}

/** Slow enough for a bad line, but a server cannot occupy a computer for days, byte by byte. */
export const PACE: Pace = { windowMs: 30_000, leastBytes: 4_096, mostMs: 3_600_000 };

export interface Bounds {
  readonly pace: Pace;
  /** The most bytes the body may have; it is stopped at the first byte beyond. */
  readonly mostBytes: number;
  /** The code for a body that is too slow or breaks off. */
  readonly broken: FaultCode;
  /** The code for a body that is too long. */
  readonly tooLong: FaultCode;
  /** Its name in messages. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/** Reports when a body is too slow, checking at the end of each window. */
function createPacer(
  pace: Pace,
  name: string,
  onSlow: (message: string) => void,
): Disposable & { took(n: number): void } {
  let [windowBytes, windows] = [0, 0];
  const timer = setInterval(() => {
    windows += 1;
    if (windowBytes < pace.leastBytes) {
      onSlow(`${name}: expected ${pace.leastBytes} bytes in ${pace.windowMs} ms, found ${windowBytes}.`);
    } else if (windows * pace.windowMs >= pace.mostMs) {
      onSlow(`${name}: expected it to finish within ${pace.mostMs} ms, found that it did not.`);
    }
    windowBytes = 0;
  }, pace.windowMs);
  return {
    took(bytes) {
      windowBytes += bytes;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** The chunks of a body until `failed` rejects: a body on a disk that hangs does not end when it is stopped. */
async function* untilFailed(body: AsyncIterable<Uint8Array>, failed: Promise<never>): AsyncGenerator<Uint8Array, void> {
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([chunks.next(), failed]);
    if (next.done) return;
    yield next.value;
  }
}

/**
 * The chunks of a body, within bounds. Rejects with `bounds.tooLong` or `bounds.broken`, or with `interrupted`; the
 * answer is then stopped. Chunks delivered before that are valid.
 */
export async function* readBounded(answer: TransportReply, bounds: Bounds): AsyncGenerator<Uint8Array, void> {
  const { pace, mostBytes, name, signal } = bounds;
  let takenBytes = 0;
  let fail: (error: SpacepackError) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {});
  const pacer = createPacer(pace, name, (message) => fail(new SpacepackError(bounds.broken, message)));
  const callOff = (): void => fail(new SpacepackError('interrupted', `${name}: called off.`));
  signal?.addEventListener('abort', callOff, { once: true });
  if (signal?.aborted) callOff();
  try {
    for await (const chunk of untilFailed(answer.body, failed)) {
      takenBytes += chunk.length;
      if (takenBytes > mostBytes) {
        throw new SpacepackError(bounds.tooLong, `${name}: expected at most ${mostBytes} bytes, found more.`);
      }
      pacer.took(chunk.length);
      yield chunk;
    }
  } catch (thrown) {
    if (thrown instanceof SpacepackError) throw thrown;
    if (signal?.aborted) throw new SpacepackError('interrupted', `${name}: called off.`, { cause: thrown });
    const message = `${name}: expected the rest of it, found ${messageOf(thrown)} after ${takenBytes} bytes.`;
    throw new SpacepackError(bounds.broken, message, { cause: thrown });
  } finally {
    pacer[Symbol.dispose]();
    signal?.removeEventListener('abort', callOff);
    answer.stop();
  }
}

/** A whole body of moderate size. Rejects as `readBounded` does. */
export async function readWhole(answer: TransportReply, bounds: Bounds): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readBounded(answer, bounds)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
