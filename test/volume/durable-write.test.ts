import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/computer/clock.ts';
import { systemClock } from '../../src/computer/clock.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import { pour, type WritableFile } from '../../src/volume/durable-write.ts';
import { jumpingClock, pieces } from './a-volume.ts';

/** A sink that notes what is asked of it. */
function sink(
  overrides: Partial<WritableFile> = {},
): WritableFile & { readonly log: string[]; readonly bytes: number[] } {
  const log: string[] = [];
  const bytes: number[] = [];
  return {
    log,
    bytes,
    async write(buffer, offset, length, position) {
      log.push(`write ${position}+${length}`);
      for (let index = 0; index < length; index += 1) bytes[position + index] = buffer[offset + index] ?? -1;
      return { bytesWritten: length };
    },
    async sync() {
      log.push('sync');
    },
    ...overrides,
  };
}

const OPTIONS = { syncBytes: 8, stallMs: 1_000 };

/** A sink whose fsyncs take so long, one after the other, on a clock that nothing else moves. */
function paced(...syncMs: readonly number[]): { readonly to: ReturnType<typeof sink>; readonly clock: Clock } {
  let now = 0;
  const times = [...syncMs];
  const to = sink({
    async sync() {
      now += times.shift() ?? 0;
      to.log.push('sync');
    },
  });
  const sleep = (_: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
  return { to, clock: { now: () => now, sleep, gaps: () => 0 } };
}

describe('a durable write', () => {
  test('syncs at each multiple of the stretch, whatever the pieces are, and never leaves a rest', async () => {
    const { to, clock } = paced(900, 900, 900);
    const data = Uint8Array.from({ length: 20 }, (_, index) => index);
    const written = await pour(to, pieces(data.subarray(0, 3), data.subarray(3)), OPTIONS, clock, 'x');
    expect(written).toBe(20);
    expect(to.bytes).toEqual([...data]);
    expect(to.log).toEqual(['write 0+3', 'write 3+5', 'sync', 'write 8+8', 'sync', 'write 16+4', 'sync']);
  });

  test('syncs less often while that is quick, and as often as at first once it is not', async () => {
    const { to, clock } = paced(10, 10, 900, 900, 900);
    const durable: number[] = [];
    await pour(to, pieces(new Uint8Array(100)), { ...OPTIONS, onDurable: (bytes) => durable.push(bytes) }, clock, 'x');
    const stretches = durable.map((bytes, index) => bytes - (durable[index - 1] ?? 0));
    // The stretch that is under way when an fsync turns out to be slow is the last long one.
    expect(stretches).toEqual([8, 16, 32, 32, 8, 4]);
  });

  test('never goes longer without an fsync than sixteen times the stretch', async () => {
    const { to, clock } = paced();
    const durable: number[] = [];
    await pour(
      to,
      pieces(new Uint8Array(2_000)),
      { ...OPTIONS, onDurable: (bytes) => durable.push(bytes) },
      clock,
      'x',
    );
    const stretches = durable.map((bytes, index) => bytes - (durable[index - 1] ?? 0));
    expect(Math.max(...stretches)).toBe(128);
  });

  test('an exact multiple of the stretch is synced once at its end', async () => {
    const to = sink();
    await pour(to, pieces(new Uint8Array(16)), OPTIONS, systemClock, 'x');
    expect(to.log.filter((call) => call === 'sync')).toHaveLength(2);
    expect(to.log.at(-1)).toBe('sync');
  });

  test('an empty file is synced too', async () => {
    const to = sink();
    const durable: number[] = [];
    await pour(to, pieces(), { ...OPTIONS, onDurable: (bytes) => durable.push(bytes) }, systemClock, 'x');
    expect(to.log).toEqual(['sync']);
    expect(durable).toEqual([0]);
  });

  test('a short write goes on where it stopped', async () => {
    const to = sink();
    const short: WritableFile = {
      sync: to.sync,
      write: (buffer, offset, length, position) => to.write(buffer, offset, Math.min(length, 3), position),
    };
    const data = Uint8Array.from({ length: 20 }, (_, index) => index);
    expect(await pour(short, pieces(data), OPTIONS, systemClock, 'x')).toBe(20);
    expect(to.bytes).toEqual([...data]);
  });

  test('a write that takes nothing means a full volume', async () => {
    const full = sink({ write: async () => ({ bytesWritten: 0 }) });
    await expect(pour(full, pieces(new Uint8Array(5)), OPTIONS, systemClock, 'x')).rejects.toMatchObject({
      code: 'volume-full',
    });
  });

  test('the source is read on while a sync is under way, but never two stretches ahead', async () => {
    const running: Array<() => void> = [];
    let given = 0;
    const slow = sink({ sync: () => new Promise<void>((resolve) => running.push(resolve)) });
    async function* source(): AsyncGenerator<Uint8Array> {
      for (; given < 5; given += 1) yield new Uint8Array(8);
    }
    const pouring = pour(slow, source(), OPTIONS, systemClock, 'x');
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
    await turn();
    expect(given).toBe(1);
    expect(running).toHaveLength(1);
    for (let sync = 0; sync < 5; sync += 1) {
      await turn();
      running[sync]?.();
    }
    expect(await pouring).toBe(40);
  });

  test('a piece may be used again by its source as soon as the next one is asked for', async () => {
    const to = sink();
    async function* reusing(): AsyncGenerator<Uint8Array> {
      const piece = new Uint8Array(4);
      for (let round = 1; round <= 4; round += 1) {
        piece.fill(round);
        yield piece;
      }
    }
    await pour(to, reusing(), OPTIONS, systemClock, 'x');
    expect(to.bytes).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]);
  });

  test('a sync that never ends is given up as stalled', async () => {
    const stuck = sink({ sync: () => new Promise(() => undefined) });
    const clock = jumpingClock();
    await expect(pour(stuck, pieces(new Uint8Array(30)), OPTIONS, clock, 'writing')).rejects.toMatchObject({
      code: 'volume-stalled',
    });
    expect(clock.now()).toBe(1_000);
  });

  test('a write that never ends is given up as stalled', async () => {
    const stuck = sink({ write: () => new Promise(() => undefined) });
    await expect(pour(stuck, pieces(new Uint8Array(30)), OPTIONS, jumpingClock(), 'x')).rejects.toMatchObject({
      code: 'volume-stalled',
    });
  });

  test('a sync that fails behind our back fails the write', async () => {
    const failing = sink({ sync: () => Promise.reject(Object.assign(new Error('i/o'), { code: 'EIO' })) });
    await expect(pour(failing, pieces(new Uint8Array(30)), OPTIONS, systemClock, 'x')).rejects.toMatchObject({
      code: 'EIO',
    });
  });

  test('calling off takes effect before the next piece, with the reason given', async () => {
    const to = sink();
    const caller = new AbortController();
    async function* calledOff(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(4);
      caller.abort();
      yield new Uint8Array(4);
    }
    await expect(pour(to, calledOff(), { ...OPTIONS, signal: caller.signal }, systemClock, 'x')).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(to.log).toEqual(['write 0+4']);

    const reason = new SpacepackError('volume-gone', 'left');
    await expect(pour(to, pieces(), { ...OPTIONS, signal: AbortSignal.abort(reason) }, systemClock, 'x')).rejects.toBe(
      reason,
    );
  });
});
