import type { Family } from '../../protocol/family.ts';
import type { Environment } from '../../volume/port.ts';
import type { Io, Sink, Source, WorldOptions } from './io.ts';
import { endedBy, openSignals, watchForStranding } from './signals.ts';

function sinkOf(stream: NodeJS.WriteStream): Sink {
  // A reader that has gone (EPIPE) or a terminal that was closed (EIO) must not affect an update.
  stream.on('error', () => {});
  return {
    isTerminal: stream.isTTY === true,
    columns: () => stream.columns ?? 80,
    write(text) {
      if (!stream.destroyed) stream.write(text);
    },
  };
}

async function nowhere(): Promise<NodeJS.WritableStream> {
  const { Writable } = await import('node:stream');
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

function sourceOf(stream: NodeJS.ReadStream, onInterrupt: () => void): Source {
  return {
    isTerminal: stream.isTTY === true,
    async readLine(signal, { hidden = false } = {}) {
      const { createInterface } = await import('node:readline');
      // Usually not in terminal mode: the system's line discipline edits the line, and Ctrl-C stays a signal. Hiding
      // what is typed needs terminal mode with the echo going nowhere, and there Ctrl-C has to be turned back into a
      // signal.
      const muted = hidden && stream.isTTY;
      const lines = createInterface({ input: stream, terminal: muted, ...(muted && { output: await nowhere() }) });
      lines.on('SIGINT', onInterrupt);
      // It would stop this process alone, and the parent that waits for it would not be told.
      lines.on('SIGTSTP', () => {});
      const close = (): void => lines.close();
      signal.addEventListener('abort', close, { once: true });
      try {
        return await new Promise<string | null>((resolve) => {
          lines.once('line', resolve);
          lines.once('close', () => resolve(null));
          if (signal.aborted) close();
        });
      } finally {
        signal.removeEventListener('abort', close);
        lines.close();
      }
    },
  };
}

async function openWorld(families: readonly Family[], { root, notice }: WorldOptions): Promise<Environment> {
  const { createEnvironment } = await import('../../volume/environment.ts');
  return createEnvironment({ families, notice, endedBy: endedBy(), ...(root !== null && { root }) });
}

/** The `Io` of this process. */
export function processIo(families: readonly Family[]): Io {
  const signals = openSignals();
  watchForStranding(signals);
  return {
    families,
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    stdin: sourceOf(process.stdin, () => signals.emit('SIGINT')),
    variables: process.env,
    platform: process.platform,
    signals,
    now: () => performance.now(),
    openWorld: (options) => openWorld(families, options),
    openMachine: async () => (await import('../../agent/agent-computer.ts')).agentComputer(families),
  };
}

/** Resolves when everything written has been handed to the system, or can no longer be. */
export function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) return resolve();
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
}
