import { expect, test } from 'vitest';
import { readWhole } from '../../src/channel/bounded-body.ts';
import type { TransportReply } from '../../src/channel/transport.ts';

/** An answer whose body goes on as given; what hangs does not end when it is stopped, as on a disk that is gone. */
const answerOf = (body: AsyncIterable<Uint8Array>): TransportReply => ({
  status: 200,
  etag: null,
  validator: null,
  range: null,
  lengthBytes: null,
  body,
  stop: () => {},
});

async function* hanging(): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from('{');
  await new Promise(() => {});
}

const BOUNDS = {
  pace: { windowMs: 20, leastBytes: 1, mostMs: 60_000 },
  mostBytes: 100,
  broken: 'channel-unreachable',
  tooLong: 'channel-untrusted',
  name: 'a file',
} as const;

test('a body that hangs, and goes on hanging when it is stopped, is left', async () => {
  await expect(readWhole(answerOf(hanging()), BOUNDS)).rejects.toMatchObject({ code: 'channel-unreachable' });
});

test('a body that hangs can be called off', async () => {
  const patient = { ...BOUNDS, pace: { ...BOUNDS.pace, windowMs: 600_000 } };
  const controller = new AbortController();
  const reading = readWhole(answerOf(hanging()), { ...patient, signal: controller.signal });
  controller.abort();
  await expect(reading).rejects.toMatchObject({ code: 'interrupted' });
  await expect(readWhole(answerOf(hanging()), { ...patient, signal: controller.signal })).rejects.toMatchObject({
    code: 'interrupted',
  });
});
