import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** Messages in JSON, one a line, over a unix socket. */
export interface Lines {
  send(message: object): void;
  close(): void;
}

const RETRY_MS = 20;

/** Connects as soon as somebody listens at `path`; rejects when `isAlive` says that nobody ever will. */
export async function connectLines(
  path: string,
  isAlive: () => boolean,
  onMessage: (message: Readonly<Record<string, unknown>>) => void,
): Promise<Lines> {
  const socket = await connectAnyhow(path, isAlive);
  const decoder = new StringDecoder('utf8');
  let pending = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    pending += decoder.write(bytes);
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onMessage(JSON.parse(line) as Readonly<Record<string, unknown>>);
  });
  return {
    send: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    close: () => void socket.destroy(),
  };
}

async function connectAnyhow(path: string, isAlive: () => boolean): Promise<Socket> {
  for (;;) {
    const socket = await connectOnce(path);
    if (socket !== null) return socket;
    if (!isAlive()) throw new Error(`Expected the emulator to listen at ${path}, but it has ended.`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function connectOnce(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}
