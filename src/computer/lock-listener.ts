import { connect, createServer, type Server, type Socket } from 'node:net';
import { errnoOf } from './errno.ts';

/** How long to wait for a holder's answer, in ms: one that is stopped or busy does not answer. */
const ASK_MS = 1_000;
const ANSWER_BYTES = 256;
const MOST_CALLERS = 8;

/**
 * Takes a name by listening on it. The system lets one process do so at a time, and frees the name when that process
 * ends, however it ends. Callers are sent the introduction. Resolves with a function that gives the name back, or
 * `null` if somebody else has it; rejects with the system's error. Never keeps the process alive.
 */
export async function takeByListening(path: string, introduction: string): Promise<(() => Promise<void>) | null> {
  const callers = new Set<Socket>();
  const server = createServer((socket) => {
    callers.add(socket);
    socket.once('close', () => callers.delete(socket));
    socket.on('error', () => undefined);
    socket.setTimeout(ASK_MS, () => socket.destroy());
    socket.unref();
    socket.end(introduction);
  });
  server.maxConnections = MOST_CALLERS;
  try {
    await listen(server, path);
  } catch (thrown) {
    if (errnoOf(thrown) === 'EADDRINUSE') return null;
    throw thrown;
  }
  server.on('error', () => undefined);
  server.unref();
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of callers) socket.destroy();
    });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Without `readableAll`, a Windows pipe answers only its own user; on other systems the option would change a
    // file's mode.
    server.listen({ path, exclusive: true, readableAll: process.platform === 'win32' }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** What the holder of a name says about itself, unchecked; `null`: it has gone meanwhile. '': it does not answer. */
export function askHolder(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    let said = Buffer.alloc(0);
    const socket = connect(path);
    const end = (answer: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(said.toString('utf8')), ASK_MS);
    socket.on('data', (bytes) => {
      said = Buffer.concat([said, bytes]).subarray(0, ANSWER_BYTES);
      if (said.length === ANSWER_BYTES) end(said.toString('utf8'));
    });
    socket.on('end', () => end(said.toString('utf8')));
    socket.on('error', (thrown) => {
      const gone = ['ECONNREFUSED', 'ENOENT'].includes(errnoOf(thrown) ?? '');
      end(gone ? null : said.toString('utf8'));
    });
  });
}
