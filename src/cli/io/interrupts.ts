import { SpacepackError } from '../../protocol/errors.ts';
import type { Speaker } from '../talk/speaker.ts';
import type { Io } from './io.ts';

/** What the runs on devices have come to, asked when somebody interrupts. */
export interface Engagement {
  /** Devices whose update is committed and not ended: nothing can call that off. */
  committed(): readonly string[];
  /** A second Ctrl-C while nothing of them is known to be committed: what hangs is left behind, and each says what it had come to. */
  leave?(): void;
}

/**
 * What Ctrl-C and its like mean. Before the commit they call the run off, and a second Ctrl-C does not wait for that. After it the
 * first Ctrl-C says what still goes on; the second stops watching, and so does SIGTERM at once. SIGHUP after the commit is ignored:
 * the terminal is gone, but the run still finds out how the update ended, and closes its record.
 */
export interface Interrupts {
  /** Ends waiting before the commit. */
  readonly cancel: AbortSignal;
  /** Ends waiting after it. */
  readonly abandon: AbortSignal;
  /** Rejects with `interrupted`: before runs are engaged; after that, they end by themselves, unless a second Ctrl-C comes. */
  readonly interrupted: Promise<never>;
  engage(engagement: Engagement): void;
  /** For commands that go on until they are interrupted: resolves then, and `interrupted` never rejects. */
  untilInterrupted(): Promise<void>;
  dispose(): void;
}

export function createInterrupts({ signals }: Pick<Io, 'signals'>, speaker: Speaker): Interrupts {
  const cancel = new AbortController();
  const abandon = new AbortController();
  let engagement: Engagement | null = null;
  let isEndless = false;
  let finish: () => void = () => {};
  let reject: (reason: SpacepackError) => void = () => {};
  const interrupted = new Promise<never>((_, no) => {
    reject = no;
  });
  interrupted.catch(() => {});

  const notice = (device: string | null, code: 'stopping' | 'still-going', message: string): void =>
    speaker.tell({ event: 'notice', device, code, message });

  function callOff(name: string): void {
    cancel.abort();
    if (isEndless) finish();
    else if (engagement === null) reject(new SpacepackError('interrupted', `Called off by ${name}.`));
  }
  function tellWhatGoesOn(): void {
    const committed = engagement?.committed() ?? [];
    if (engagement !== null && committed.length === 0) notice(null, 'stopping', 'Calling the update off ...');
    for (const device of committed) {
      const message = 'The update is committed; the device goes on by itself. Press Ctrl-C again to stop watching it.';
      notice(device, 'still-going', message);
    }
  }
  /** What hangs can keep a run from ending by itself; whoever asks twice need not wait for it. */
  function leaveBehind(): void {
    if (engagement?.leave !== undefined) engagement.leave();
    else reject(new SpacepackError('interrupted', 'Called off by a second Ctrl-C.'));
  }
  function onInterrupt(): void {
    if (cancel.signal.aborted) {
      if (engagement?.committed().length === 0) leaveBehind();
      abandon.abort();
      return;
    }
    tellWhatGoesOn();
    callOff('Ctrl-C');
  }
  function onTerminate(): void {
    callOff('SIGTERM');
    abandon.abort();
  }
  const onHangUp = (): void => callOff('SIGHUP');

  const handlers = { SIGINT: onInterrupt, SIGTERM: onTerminate, SIGHUP: onHangUp } as const;
  for (const [name, handler] of Object.entries(handlers)) signals.on(name, handler);
  return {
    cancel: cancel.signal,
    abandon: abandon.signal,
    interrupted,
    engage(now) {
      engagement = now;
      if (cancel.signal.aborted) throw new SpacepackError('interrupted', 'Called off before the run began.');
    },
    untilInterrupted() {
      isEndless = true;
      return new Promise((resolve) => {
        finish = resolve;
        if (cancel.signal.aborted) resolve();
      });
    },
    dispose() {
      for (const [name, handler] of Object.entries(handlers)) signals.off(name, handler);
    },
  };
}
