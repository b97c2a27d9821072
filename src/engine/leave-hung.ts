import { SpacepackError } from '../protocol/errors.ts';
import type { Environment, VolumePort } from '../volume/port.ts';

/** How long a run that was called off still waits for a verb, in ms: enough for a slow stick, so the run cleans up. */
const CALLED_OFF_MS = 1_000;

/** What ends waiting for a verb: the signal as it is when the verb begins, and the error to throw then. */
interface CallingOff {
  signal(): AbortSignal | undefined;
  error(): SpacepackError;
}

export interface LeavingVolumes {
  /**
   * The port. Its verbs reject soon after they were called off; from then on each rejects at once, until the verb that
   * was left behind has ended.
   */
  readonly volumes: VolumePort;
  /** Resolves once all verbs that were left behind have ended by themselves, as every verb does; `null`: none was. */
  left(): Promise<void> | null;
}

/** A port that lets a called-off run stop waiting for a hanging volume. Waiting for changes ends by its own signal. */
export function leavingHung(port: VolumePort, clock: Environment['clock'], off: CallingOff): LeavingVolumes {
  let left: Promise<void> | null = null;

  async function leave<T>(begin: () => Promise<T>, late?: (result: T) => unknown): Promise<T> {
    if (left !== null) {
      throw new SpacepackError('volume-stalled', 'expected an answer to the call that was left behind, found none yet');
    }
    const signal = off.signal();
    const work = begin();
    if (signal === undefined) return work;
    const settled = new AbortController();
    const calledOff = new Promise<never>((_, reject) => {
      const onAbort = async (): Promise<void> => {
        await clock.sleep(CALLED_OFF_MS, settled.signal);
        if (settled.signal.aborted) return;
        // Several may be left behind, because files are read side by side.
        const all: Promise<void> = Promise.all([left, work.then(late).catch(() => undefined)]).then(() => {
          if (left === all) left = null;
        });
        left = all;
        reject(off.error());
      };
      if (signal.aborted) void onAbort();
      else signal.addEventListener('abort', onAbort, { once: true, signal: settled.signal });
    });
    try {
      return await Promise.race([work, calledOff]);
    } finally {
      settled.abort('settled');
    }
  }

  return {
    left: () => left,
    volumes: {
      changeCount: () => port.changeCount(),
      changed: (since, ms, signal) => port.changed(since, ms, signal),
      checkCommand: (volume) => port.checkCommand(volume),
      list: () => leave(() => port.list()),
      mount: (drive, volume, options) => leave(() => port.mount(drive, volume, options)),
      release: (volume) => leave(() => port.release(volume)),
      hold: (volume) =>
        leave(
          () => port.hold(volume),
          (letGo) => letGo(),
        ),
      entries: (volume, folder) => leave(() => port.entries(volume, folder)),
      read: (volume, path, limitBytes) => leave(() => port.read(volume, path, limitBytes)),
      write: (volume, path, data, options) => leave(() => port.write(volume, path, data, options)),
      readBack: (volume, path, onBytes) => leave(() => port.readBack(volume, path, onBytes)),
      readPart: (volume, path, part) => leave(() => port.readPart(volume, path, part)),
      remove: (volume, path) => leave(() => port.remove(volume, path)),
      freeBytes: (volume) => leave(() => port.freeBytes(volume)),
    },
  };
}
