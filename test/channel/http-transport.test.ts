import { writeFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readWhole } from '../../src/channel/bounded-body.ts';
import { createHttpTransport } from '../../src/channel/http-transport.ts';
import { temporaryFolder } from './a-channel.ts';
import { aServer } from './a-server.ts';

const AUTHORITY = fileURLToPath(new URL('fixtures/authority.pem', import.meta.url));

/** A proxy that notes whom it was asked for, and asks them. */
async function aProxy() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`GET ${request.url}`);
    ask(request.url ?? '', { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    const [host, port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A SOCKS5 proxy without a password (RFC 1928) that notes whom it was asked for. */
async function aSocksProxy() {
  const asked: string[] = [];
  const server = createPlainServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request) => {
        const isName = request[3] === 3;
        const end = isName ? 5 + (request[4] ?? 0) : 8;
        const host = isName ? request.toString('latin1', 5, end) : [...request.subarray(4, 8)].join('.');
        asked.push(`${host}:${request.readUInt16BE(end)}`);
        const upstream = connect(request.readUInt16BE(end), host, () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          upstream.pipe(socket).pipe(upstream);
        });
        upstream.on('error', () => {});
        socket.on('close', () => upstream.destroy());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const folder = temporaryFolder();
writeFileSync(join(folder, 'hello'), 'hello');

async function get(url: string, variables: Readonly<Record<string, string>> = {}, ca?: string): Promise<string> {
  const transport = await createHttpTransport({ variables, ca, headMs: 5_000 });
  try {
    const answer = await transport.get({ url: new URL('hello', url) });
    const pace = { windowMs: 5_000, leastBytes: 1, mostMs: 5_000 };
    const codes = { broken: 'unexpected', tooLong: 'unexpected' } as const;
    return (await readWhole(answer, { ...codes, pace, mostBytes: 100, name: url })).toString();
  } finally {
    await transport.close();
  }
}

describe('a proxy', () => {
  test.each(['HTTP_PROXY', 'http_proxy'])('named by %s is asked for http, by GET', async (name) => {
    const [server, proxy] = [await aServer(folder), await aProxy()];
    expect(await get(server.url, { [name]: proxy.url })).toBe('hello');
    expect(proxy.asked).toEqual([`GET ${server.url}hello`]);
  });

  test.each(['HTTPS_PROXY', 'https_proxy'])('named by %s is asked for https, by CONNECT', async (name) => {
    const [server, proxy] = [await aServer(folder, { tls: true }), await aProxy()];
    expect(await get(server.url, { [name]: proxy.url }, AUTHORITY)).toBe('hello');
    expect(proxy.asked).toEqual([`CONNECT ${server.host}`]);
  });

  test('is not asked for hosts in NO_PROXY', async () => {
    const [server, proxy] = [await aServer(folder), await aProxy()];
    expect(await get(server.url, { HTTP_PROXY: proxy.url, NO_PROXY: 'localhost,127.0.0.1' })).toBe('hello');
    expect(proxy.asked).toEqual([]);
  });

  test('whose address makes no sense is refused without telling it: it may hold a password', async () => {
    const failure = get('http://127.0.0.1/', { HTTP_PROXY: 'ftp://secret' });
    await expect(failure).rejects.toMatchObject({ code: 'usage', message: expect.not.stringContaining('secret') });
  });
});

describe('a SOCKS proxy', () => {
  test.each(['socks5', 'socks5h', 'socks'])('named by ALL_PROXY as %s is asked, for http and https', async (scheme) => {
    const [plain, secure, proxy] = [await aServer(folder), await aServer(folder, { tls: true }), await aSocksProxy()];
    const variables = { ALL_PROXY: `${scheme}://${proxy.host}` };
    expect(await get(plain.url, variables)).toBe('hello');
    expect(await get(secure.url, variables, AUTHORITY)).toBe('hello');
    expect(proxy.asked).toEqual([plain.host, secure.host]);
  });

  test('with the letter h looks up the name itself', async () => {
    const [server, proxy] = [await aServer(folder), await aSocksProxy()];
    const url = server.url.replace('127.0.0.1', 'localhost');
    expect(await get(url, { ALL_PROXY: `socks5h://${proxy.host}` })).toBe('hello');
    expect(proxy.asked).toEqual([new URL(url).host]);
  });
});

describe('a private authority', () => {
  test('is trusted if it is named, and else not', async () => {
    const server = await aServer(folder, { tls: true });
    expect(await get(server.url, {}, AUTHORITY)).toBe('hello');
    await expect(get(server.url)).rejects.toMatchObject({ code: 'channel-unreachable' });
  });

  test('in NODE_EXTRA_CA_CERTS still counts beside one that is named', async () => {
    const server = await aServer(folder, { tls: true });
    // Any other certificate for the named one: the server's own is no authority.
    const other = fileURLToPath(new URL('fixtures/server.pem', import.meta.url));
    expect(await get(server.url, { NODE_EXTRA_CA_CERTS: AUTHORITY }, other)).toBe('hello');
  });

  test.each(['nowhere.pem', 'text'])('that cannot be read is refused by name: %s', async (name) => {
    const path = join(temporaryFolder(), name);
    if (name === 'text') writeFileSync(path, '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n');
    const message = expect.stringContaining(path);
    await expect(get('https://127.0.0.1/', {}, path)).rejects.toMatchObject({ code: 'usage', message });
  });
});

test('a weak ETag is no reason to go on with a file; the date of its change is', async () => {
  const server = await aServer(folder);
  const date = 'Sun, 22 Nov 2026 12:00:00 GMT';
  server.play((_, response) => {
    response.writeHead(200, { etag: 'W/"x"', 'last-modified': date }).end();
    return true;
  });
  const transport = await createHttpTransport({ variables: {}, ca: undefined, headMs: 5_000 });
  expect(await transport.get({ url: new URL(server.url) })).toMatchObject({ etag: 'W/"x"', validator: date });
  await transport.close();
});

test('the server learns no more than that spacepack asks', async () => {
  const server = await aServer(folder);
  await get(server.url);
  const { host: _, connection: __, ...headers } = server.asked[0]?.headers ?? {};
  expect(headers).toEqual({ 'user-agent': 'spacepack', 'accept-encoding': 'identity' });
});
