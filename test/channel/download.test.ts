import { readFileSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aChannel, aClient, IMPATIENT, imageOf } from './a-channel.ts';
import { aServer, type Trick } from './a-server.ts';

const IMAGE = { version: '1.1.0', sizeBytes: 200_000 };
const BYTES = Buffer.from(imageOf(IMAGE));
const HALF = 100_000;

async function offered() {
  const channel = await aChannel();
  const release = await channel.add(IMAGE);
  const server = await aServer(channel.folder);
  const client = await aClient({ url: server.url, root: readFileSync(channel.rootPath) });
  await client.check();
  return { release, server, client, part: join(client.cache, `${release.sha256}.part`) };
}

const ofTarget =
  (answer: (response: ServerResponse, file: Buffer) => void): Trick =>
  ({ url }, response, file) => {
    if (!url?.startsWith('/targets/') || file === null) return false;
    answer(response, file);
    return true;
  };

/** Sends the first half, and cuts the connection when it has arrived: what is on the way when a connection is cut is lost. */
const halfOf = (part: string, headers: Readonly<Record<string, string>>, fill?: string): Trick =>
  ofTarget((response, file) => {
    const half = Buffer.from(file.subarray(0, HALF));
    response.writeHead(200, { ...headers, 'content-length': file.length }).write(fill ? half.fill(fill) : half);
    const timer = setInterval(() => {
      if ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) === HALF) response.destroy();
    }, 5);
    response.on('close', () => clearInterval(timer));
  });

const ETAG = { etag: '"first"' };

test('a download that breaks off goes on where it ended, if the file is still the same', async () => {
  const { release, server, client, part } = await offered();
  server.play(halfOf(part, ETAG));
  await expect(client.download(release)).rejects.toMatchObject({ code: 'download-failed' });
  server.play(
    ofTarget((response, file) => {
      response.writeHead(206, { 'content-range': `bytes ${HALF}-${file.length - 1}/${file.length}`, etag: '"first"' });
      response.end(file.subarray(HALF));
    }),
  );
  expect(readFileSync(await client.download(release))).toEqual(BYTES);
  expect(server.asked.at(-1)?.headers).toMatchObject({ range: `bytes=${HALF}-`, 'if-range': '"first"' });
});

test('a file that changed meanwhile is fetched from its beginning', async () => {
  const { release, server, client, part } = await offered();
  server.play(halfOf(part, ETAG));
  await expect(client.download(release)).rejects.toMatchObject({ code: 'download-failed' });
  server.play(null);
  expect(readFileSync(await client.download(release))).toEqual(BYTES);
});

test('a poisoned first half is thrown away, and the whole fetched once more', async () => {
  const { release, server, client, part } = await offered();
  server.play(halfOf(part, ETAG, 'x'));
  await expect(client.download(release)).rejects.toMatchObject({ code: 'download-failed' });
  let rest = 0;
  server.play((request, response, file) => {
    if (!request.headers.range || file === null) return false;
    rest += 1;
    response.writeHead(206, { 'content-range': `bytes ${HALF}-${file.length - 1}/${file.length}`, etag: '"first"' });
    response.end(file.subarray(HALF));
    return true;
  });
  expect(readFileSync(await client.download(release))).toEqual(BYTES);
  expect(rest).toBe(1);
});

test.each([
  ['another place', `bytes 5-199/200`],
  ['another size', `bytes ${HALF}-${HALF}/${HALF + 1}`],
  ['nonsense', 'bytes */x'],
])('a part that belongs to %s is not put into the file', async (_, range) => {
  const { release, server, client, part } = await offered();
  server.play(halfOf(part, ETAG));
  await expect(client.download(release)).rejects.toMatchObject({ code: 'download-failed' });
  server.play((request, response, file) => {
    if (!request.headers.range || file === null) return false;
    response.writeHead(206, { 'content-range': range }).end(file.subarray(HALF));
    return true;
  });
  expect(readFileSync(await client.download(release))).toEqual(BYTES);
});

test('without a word of the server by which to go on, a download begins anew', async () => {
  const { release, server, client, part } = await offered();
  server.play(halfOf(part, {}));
  await expect(client.download(release)).rejects.toMatchObject({ code: 'download-failed' });
  server.play(null);
  expect(readFileSync(await client.download(release))).toEqual(BYTES);
  expect(server.asked.at(-1)?.headers.range).toBeUndefined();
});

test('an endless download ends at the signed size', async () => {
  const { release, server, client } = await offered();
  let sent = 0;
  server.play(
    ofTarget((response) => {
      const more = (): void => {
        const chunk = Buffer.alloc(16_384, 'x');
        do sent += chunk.length;
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    }),
  );
  await expect(client.download(release)).rejects.toMatchObject({ code: 'channel-untrusted' });
  expect(sent).toBeLessThan(64 * release.sizeBytes);
});

test('a download that stands still is left, and what came is kept', async () => {
  const { release, server, client, part } = await offered();
  server.play(
    ofTarget((response, file) => {
      response.writeHead(200, { etag: '"first"', 'content-length': file.length }).write(file.subarray(0, HALF));
    }),
  );
  const impatient = await client.reopened({ url: server.url, pace: IMPATIENT });
  await expect(impatient.download(release)).rejects.toMatchObject({ code: 'download-failed' });
  expect(readFileSync(part)).toHaveLength(HALF);
});

test('a download that drips byte by byte is left too', async () => {
  const { release, server, client } = await offered();
  const slow = await client.reopened({ url: server.url, pace: { windowMs: 200, leastBytes: 1_000, mostMs: 5_000 } });
  server.play(
    ofTarget((response, file) => {
      response.writeHead(200, { 'content-length': file.length });
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    }),
  );
  await expect(slow.download(release)).rejects.toMatchObject({ code: 'download-failed' });
});

test('a download has an end in time, however steadily it flows', async () => {
  const { release, server, client } = await offered();
  const patient = await client.reopened({ url: server.url, pace: { windowMs: 100, leastBytes: 1, mostMs: 200 } });
  server.play(
    ofTarget((response, file) => {
      response.writeHead(200, { 'content-length': file.length });
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    }),
  );
  await expect(patient.download(release)).rejects.toMatchObject({ code: 'download-failed' });
});

test.each([404, 403, 500, 503])('status %i is told, and nothing is kept of its body', async (status) => {
  const { release, server, client } = await offered();
  server.play(ofTarget((response) => response.writeHead(status).end('not the image')));
  const message = expect.stringContaining(String(status));
  await expect(client.download(release)).rejects.toMatchObject({ code: 'download-failed', message });
  server.play(null);
  expect(readFileSync(await client.download(release))).toEqual(BYTES);
});

test('a download can be called off, and goes on later', async () => {
  const { release, server, client } = await offered();
  const controller = new AbortController();
  server.play(
    ofTarget((response, file) => {
      response.writeHead(200, { etag: '"first"', 'content-length': file.length });
      response.write(file.subarray(0, HALF), () => setImmediate(() => controller.abort()));
    }),
  );
  await expect(client.download(release, controller.signal)).rejects.toMatchObject({ code: 'interrupted' });
  server.play(null);
  expect(readFileSync(await client.download(release))).toEqual(BYTES);
});
