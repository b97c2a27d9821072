import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Answers a request in its own way; `false`: leaves it to the files. */
export type Trick = (request: IncomingMessage, response: ServerResponse, file: Buffer | null) => boolean;

export interface TestServer {
  readonly url: string;
  readonly host: string;
  /** What was asked, in order. */
  readonly asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  /** Bytes of bodies that were sent by the usual way of serving. */
  readonly sentBytes: () => number;
  /** Serves another folder from now on. */
  serve(folder: string): void;
  play(trick: Trick | null): void;
  stop(): Promise<void>;
}

const fileOf = (folder: string, path: string): Buffer | null => {
  try {
    return readFileSync(join(folder, decodeURIComponent(path)));
  } catch {
    return null;
  }
};

const etagOf = (file: Buffer): string => `"${createHash('sha256').update(file).digest('hex').slice(0, 16)}"`;

/** Any static server: ETag, If-None-Match, Range and If-Range. Resolves with the bytes of the body. */
function serveFile({ headers }: IncomingMessage, response: ServerResponse, file: Buffer | null): number {
  if (file === null) {
    response.writeHead(404).end();
    return 0;
  }
  const etag = etagOf(file);
  if (headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return 0;
  }
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (from > 0 && from < file.length && headers['if-range'] === etag) {
    const range = `bytes ${from}-${file.length - 1}/${file.length}`;
    response.writeHead(206, { etag, 'content-range': range, 'content-length': file.length - from });
    response.end(file.subarray(from));
    return file.length - from;
  }
  response.writeHead(200, { etag, 'content-length': file.length }).end(file);
  return file.length;
}

const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

/** A server on this computer, which ends with the test. */
export async function aServer(folder: string, { tls = false }: { readonly tls?: boolean } = {}): Promise<TestServer> {
  let [served, trick, sentBytes] = [folder, null as Trick | null, 0];
  const asked: { path: string; headers: IncomingMessage['headers'] }[] = [];
  const answer: RequestListener = (request, response) => {
    const path = request.url ?? '';
    asked.push({ path, headers: request.headers });
    const file = fileOf(served, path);
    if (trick?.(request, response, file)) return;
    sentBytes += serveFile(request, response, file);
  };
  const server = tls
    ? createTlsServer({ key: fixture('server.key.pem'), cert: fixture('server.pem') }, answer)
    : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  const host = `127.0.0.1:${port}`;
  return {
    url: `${tls ? 'https' : 'http'}://${host}/`,
    host,
    asked,
    sentBytes: () => sentBytes,
    serve(other) {
      served = other;
    },
    play(other) {
      trick = other;
    },
    stop,
  };
}
