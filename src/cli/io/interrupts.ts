import { SpacepackError } from '../../protocol/errors.ts';
import type { Speaker } from '../talk/speaker.ts';
import type { Io } from './io.ts';
import { STRANDED } from './signals.ts';

/** How far the runs on devices have come, asked when they are interrupted. */
export interface Engagement {
  /** Devices whose update is committed and has not ended: nothing can call it off. */
  committed(): readonly string[];
  /**
   * Called for a second Ctrl-C while no commit is known, or with `stranded`, what was found when nothing could end the
   * runs any more: they are left behind, and each reports how far it had come.
   */
  leave?(stranded?: unknown): void;
}

/**
 * What Ctrl-C and similar signals mean. Before the commit they call the run off, and a second Ctrl-C does not wait for
 * that. After the commit the first Ctrl-C says what is still going on, and the second stops watching; SIGTERM stops
 * watching at once. SIGHUP after the commit is ignored: the terminal is gone, but the run still finds out how the
 * update ended and closes its record.
 */
export interface Interrupts {
  /** Ends waiting before the commit. */
  readonly cancel: AbortSignal;
  /** Ends waiting after it. */
  readonly abandon: AbortSignal;
  /**
   * Rejects with `interrupted` until runs are engaged. After that the runs end by themselves, unless a second Ctrl-C
   * comes, or nothing could end them.
   */
  readonly interrupted: Promise<never>;
  engage(engagement: Engagement): void;
  /** For commands that run until they are interrupted: resolves then, and `interrupted` never rejects. */
  untilInterrupted(): Promise<void>;
  dispose(): void;
}

export function createInterrupts({ signals }: Pick<Io, 'signals'>, speaker: Speaker): Interrupts {
  const cancel = new AbortController();
  const abandon = new AbortController();
  let engagement: Engagement | null = null;
  let isEndless = false;
  let finish: () => void = () => {};
  let reject: (reason: unknown) => void = () => {};
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
  /** A hung call can keep a run from ending by itself; a user who asks twice need not wait for it. */
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
  function onStranded(found: unknown): void {
    if (engagement?.leave !== undefined) engagement.leave(found);
    else reject(found);
  }

  const handlers = { SIGINT: onInterrupt, SIGTERM: onTerminate, SIGHUP: onHangUp, [STRANDED]: onStranded } as const;
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
