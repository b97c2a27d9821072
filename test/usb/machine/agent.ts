import { connectLines } from './lines.ts';

/** Who runs a command: root, the user of the desktop, or somebody whom udisks2 allows nothing. */
export type GuestUser = 'root' | 'user' | 'visitor';

/**
 * A net for what never ends, in ms: so far above what anything takes that no busy machine gets there. How fast something is is
 * for the benchmarks.
 */
export const HANG_MS = 900_000;

export interface RunOptions {
  /** Default root. */
  readonly user?: GuestUser;
  readonly env?: Readonly<Record<string, string>>;
  /** Killed after so many ms. Default `HANG_MS`. */
  readonly limitMs?: number;
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

/** How a command ended. `status`: `null` if a signal ended it. */
export interface GuestRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** As the host measured it. */
  readonly tookMs: number;
}

/** A command that runs on. */
export interface GuestProcess {
  readonly ended: Promise<GuestRun>;
  signal(name: NodeJS.Signals): void;
}

/** The line to the agent in the guest. */
export interface Agent {
  /** Resolves when the agent has said that it is there. */
  readonly ready: Promise<void>;
  start(command: string, options?: RunOptions): GuestProcess;
  close(): void;
}

interface Running {
  readonly began: number;
  readonly output: { stdout: Buffer[]; stderr: Buffer[] };
  readonly options: RunOptions;
  end(run: GuestRun): void;
}

export async function connectAgent(path: string, isAlive: () => boolean): Promise<Agent> {
  const running = new Map<number, Running>();
  let sayReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    sayReady = resolve;
  });
  let count = 0;
  const lines = await connectLines(path, isAlive, (message) => {
    if (message['hello'] === true) return sayReady();
    const id = Number(message['id']);
    const run = running.get(id);
    if (run === undefined) return;
    const { stream, base64 } = message;
    if (stream === 'stdout' || stream === 'stderr') {
      const bytes = Buffer.from(String(base64), 'base64');
      run.output[stream].push(bytes);
      run.options.onOutput?.(bytes.toString(), stream);
      return;
    }
    running.delete(id);
    run.end({
      status: typeof message['status'] === 'number' ? message['status'] : null,
      stdout: Buffer.concat(run.output.stdout).toString(),
      stderr: Buffer.concat(run.output.stderr).toString(),
      tookMs: performance.now() - run.began,
    });
  });
  return {
    ready,
    start(command, options = {}) {
      count += 1;
      const id = count;
      const signal = (name: NodeJS.Signals) => lines.send({ id, signal: name });
      const limit = setTimeout(() => signal('SIGKILL'), options.limitMs ?? HANG_MS);
      const ended = new Promise<GuestRun>((resolve) => {
        running.set(id, {
          began: performance.now(),
          output: { stdout: [], stderr: [] },
          options,
          end(run) {
            clearTimeout(limit);
            resolve(run);
          },
        });
      });
      lines.send({ id, command, user: options.user ?? 'root', env: options.env ?? {} });
      return { ended, signal };
    },
    close: () => lines.close(),
  };
}
