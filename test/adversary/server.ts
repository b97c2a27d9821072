import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

/**
 * How a server or a proxy may misbehave once it has been asked something: it gets the raw connection. What it starts
 * ends with the connection.
 */
export type Misbehaviour = (socket: Socket) => void;

const OK = 'HTTP/1.1 200 OK\r\n';
const EVERY_MS = 5;

/** Sends the pieces one after the other, without end if there is always another. */
function drip(socket: Socket, piece: (turn: number) => string): void {
  let turn = 0;
  const timer = setInterval(() => {
    socket.write(piece(turn));
    turn += 1;
  }, EVERY_MS);
  socket.on('close', () => clearInterval(timer));
}

const page = (body: string, head = OK): string =>
  `${head}Content-Type: text/html\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const redirect =
  (location: string, status = '302 Found'): Misbehaviour =>
  (socket) =>
    socket.write(`HTTP/1.1 ${status}\r\n${location}Content-Length: 0\r\n\r\n`);

/** Redirects, by name: none leads to a channel, and none may lead to this computer's own files or off https. */
const REDIRECTS: Readonly<Record<string, Misbehaviour>> = {
  'redirects to itself': redirect('Location: /again\r\n'),
  'redirects with 308 to itself': redirect('Location: /again\r\n', '308 Permanent Redirect'),
  'redirects to nowhere': redirect(''),
  'redirects to nothing': redirect('Location: \r\n'),
  'redirects to two places': redirect('Location: /a\r\nLocation: /b\r\n'),
  'redirects to what is no address': redirect('Location: http://[\r\n'),
  'redirects to a file': redirect('Location: file:///etc/passwd\r\n'),
  'redirects to data': redirect('Location: data:application/json,{}\r\n'),
  'redirects to another host without https': redirect('Location: http://127.0.0.2:1/\r\n'),
  'redirects to another port without https': redirect('Location: http://127.0.0.1:1/\r\n'),
  'redirects to an address with a password': redirect('Location: https://me:secret@127.0.0.1:1/\r\n'),
  'redirects to a closed port with https': redirect('Location: https://127.0.0.1:1/\r\n'),
  'offers a choice': redirect('Location: /again\r\n', '300 Multiple Choices'),
  'demands a proxy': redirect('Location: /again\r\n', '305 Use Proxy'),
  'redirects with a body without end': (socket) => {
    socket.write('HTTP/1.1 302 Found\r\nLocation: /again\r\nTransfer-Encoding: chunked\r\n\r\n');
    drip(socket, () => '1\r\nx\r\n');
  },
};

/** Misbehaviours of a server, by name. None of them answers the question. */
export const MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  ...REDIRECTS,
  'says nothing': () => {},
  'closes at once': (socket) => socket.end(),
  'resets the connection': (socket) => socket.resetAndDestroy(),
  'says 102 for ever': (socket) => drip(socket, () => 'HTTP/1.1 102 Processing\r\n\r\n'),
  'says 103 slowly, for ever': (socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), 200);
    socket.on('close', () => clearInterval(timer));
  },
  'floods with 100': (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000)),
  'says 100 and then nothing': (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'),
  'says 100 and closes': (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n'),
  'switches the protocol': (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  'switches the protocol and closes': (socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  'switches the protocol to nothing': (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  'makes up an informational status': (socket) => socket.write('HTTP/1.1 199 Wait\r\n\r\n'),
  'drips its status line': (socket) => drip(socket, (turn) => OK[turn] ?? 'x'),
  'drips its head': (socket) => drip(socket, (turn) => (turn === 0 ? OK : turn % 40 === 0 ? '\r\na:' : 'x')),
  'sends a head without end': (socket) =>
    drip(socket, (turn) => `${turn === 0 ? OK : ''}x-${turn}: ${'y'.repeat(4096)}\r\n`),
  'sends a thousand headers': (socket) =>
    socket.write(
      `${OK}${Array.from({ length: 1_000 }, (_, at) => `x-${at}: y\r\n`).join('')}Content-Length: 2\r\n\r\n{}`,
    ),
  'sends one huge header': (socket) => socket.write(`${OK}x: ${'y'.repeat(1_000_000)}\r\nContent-Length: 2\r\n\r\n{}`),
  'sends a header with a NUL': (socket) => socket.write(`${OK}x: \0\r\nContent-Length: 2\r\n\r\n{}`),
  'sends an ETag that would be a header of ours': (socket) =>
    socket.write(`${OK}ETag: "a"\nX: y\r\nContent-Length: 2\r\n\r\n{}`),
  'closes in its status line': (socket) => socket.end('HTTP/1.1 2'),
  'closes in its head': (socket) => socket.end(`${OK}Content-Le`),
  'closes after its head': (socket) => socket.end(`${OK}Content-Length: 100\r\n\r\n`),
  'closes in its body': (socket) => socket.end(`${OK}Content-Length: 100\r\n\r\n{"signed"`),
  'resets in its body': (socket) => {
    socket.write(`${OK}Content-Length: 100\r\n\r\n{"signed"`);
    setTimeout(() => socket.resetAndDestroy(), EVERY_MS);
  },
  'sends a head and no body': (socket) => socket.write(`${OK}Content-Length: 100\r\n\r\n`),
  'drips its body': (socket) => {
    socket.write(`${OK}Content-Length: 100000\r\n\r\n`);
    drip(socket, () => ' ');
  },
  'sends a body without end': (socket) => {
    socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`);
    drip(socket, () => `1000\r\n${' '.repeat(4096)}\r\n`);
  },
  'sends chunks of nonsense': (socket) => socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n`),
  'sends a chunk of more bytes than there are': (socket) =>
    socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}`),
  'sends a chunk of a negative length': (socket) => socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n`),
  'sends an extension of a chunk without end': (socket) => {
    socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n2;`);
    drip(socket, () => 'x'.repeat(4096));
  },
  'sends a trailer without end': (socket) => {
    socket.write(`${OK}Transfer-Encoding: chunked\r\nTrailer: x\r\n\r\n2\r\n{}\r\n0\r\n`);
    drip(socket, (turn) => `x-${turn}: ${'y'.repeat(4096)}\r\n`);
  },
  'sends chunks in no chunks': (socket) => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n{}`),
  'sends chunks and a length': (socket) =>
    socket.write(`${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`),
  'sends what nobody asked to be packed': (socket) =>
    socket.write(
      Buffer.concat([Buffer.from(`${OK}Content-Encoding: gzip\r\nContent-Length: 22\r\n\r\n`), gzipSync('{}')]),
    ),
  'says that it is packed, which it is not': (socket) =>
    socket.write(`${OK}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`),
  'names a length of less than it sends': (socket) => socket.write(`${OK}Content-Length: 1\r\n\r\n{}${OK}\r\n`),
  'names a length beyond all numbers': (socket) => socket.write(`${OK}Content-Length: 99999999999999999999\r\n\r\n{}`),
  'names a negative length': (socket) => socket.write(`${OK}Content-Length: -2\r\n\r\n{}`),
  'names a length that is no number': (socket) => socket.write(`${OK}Content-Length: 0x2\r\n\r\n{}`),
  'never ends its chunks': (socket) => socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`),
  'names two lengths': (socket) => socket.write(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `),
  'is no web server': (socket) => socket.write('220 mail.example.com ESMTP\r\n'),
  'speaks HTTP/0.9': (socket) => socket.end('{}'),
  'says that nothing changed': (socket) => socket.write('HTTP/1.1 304 Not Modified\r\n\r\n'),
  'says that there is no content': (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
  'sends a part that nobody asked for': (socket) =>
    socket.write('HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/2\r\nContent-Length: 2\r\n\r\n{}'),
  'sends parts of several kinds': (socket) =>
    socket.write(
      'HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=x\r\nContent-Length: 2\r\n\r\n--',
    ),
  'says that the range is wrong': (socket) =>
    socket.write('HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */2\r\nContent-Length: 0\r\n\r\n'),
  'sends nothing of a file': (socket) => socket.write(`${OK}Content-Length: 0\r\nETag: "x"\r\n\r\n`),
  'makes up a status': (socket) => socket.write('HTTP/1.1 999 Blocked\r\nContent-Length: 0\r\n\r\n'),
  'shows a page to sign in': (socket) => socket.write(page('<!DOCTYPE html><title>Welcome to the hotel</title>')),
  'shows a long page to sign in': (socket) => socket.write(page(`<!DOCTYPE html>${' '.repeat(100_000)}`)),
  'shows an empty page': (socket) => socket.write(page('')),
  'shows JSON that is no metadata': (socket) => socket.write(page('{"error":"please sign in"}')),
  'says 403': (socket) => socket.write(page('<h1>Blocked</h1>', 'HTTP/1.1 403 Forbidden\r\n')),
  'says 404': (socket) => socket.write(page('<h1>Not here</h1>', 'HTTP/1.1 404 Not Found\r\n')),
  'says 407': (socket) => socket.write(page('', 'HTTP/1.1 407 Proxy Authentication Required\r\n')),
  'says 451': (socket) => socket.write(page('<h1>Blocked</h1>', 'HTTP/1.1 451 Unavailable For Legal Reasons\r\n')),
  'says 500': (socket) => socket.write(page('', 'HTTP/1.1 500 Internal Server Error\r\n')),
};

/** Misbehaviours of a proxy that was asked for a tunnel. */
export const PROXY_MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  ...Object.fromEntries(
    ['says nothing', 'closes at once', 'resets the connection', 'says 102 for ever', 'says 103 slowly, for ever']
      .concat([
        'switches the protocol',
        'drips its head',
        'closes in its head',
        'drips its status line',
        'closes in its status line',
        'floods with 100',
        'sends a head without end',
        'sends one huge header',
        'redirects to itself',
        'sends a body without end',
        'is no web server',
        'says 403',
        'says 407',
      ])
      .map((name) => [name, MISBEHAVIOURS[name] ?? (() => {})]),
  ),
  'opens a tunnel to nothing': (socket) => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'),
  'opens a tunnel and closes it': (socket) => socket.end('HTTP/1.1 200 Connection established\r\n\r\n'),
  'answers in the clear': (socket) => socket.write(`HTTP/1.1 200 Connection established\r\n\r\n${OK}\r\n{}`),
};

export interface HostileServer {
  readonly url: string;
  /** Connections that are open now. */
  readonly open: () => number;
  /** How it misbehaves from now on. */
  play(misbehaviour: Misbehaviour): void;
}

/** A server that misbehaves at each request; it ends with the test. */
export async function aHostileServer(first: Misbehaviour): Promise<HostileServer> {
  let misbehaviour = first;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => misbehaviour(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    open: () => sockets.size,
    play(other) {
      misbehaviour = other;
    },
  };
}
