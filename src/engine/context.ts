import type { Commitment, OpenRecord } from '../protocol/commitment.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { Family, Witnesses } from '../protocol/family.ts';
import type { FaultCode } from '../protocol/faults.ts';
import type { Identity } from '../protocol/identity.ts';
import type { ImageFacts } from '../protocol/image-facts.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { Environment, ReadBackKind } from '../volume/port.ts';
import type { OpenedFlash } from './flash.ts';
import type { Running } from './old-firmware.ts';

/** What a run is to do. */
export type Job =
  | {
      readonly kind: 'install';
      readonly image: ImageFacts;
      /** The payload's bytes from the start; throws `image-changed` if they are not the ones that were checked. */
      readonly read: () => AsyncIterable<Uint8Array>;
      readonly allowDowngrade: boolean;
    }
  | { readonly kind: 'ping' };

/** Which device a run is about: chosen once, and compared whole at every step. */
export interface Target {
  readonly family: Family;
  readonly identity: Identity;
  /** What people call it. */
  readonly name: string;
}

export interface RunOptions {
  readonly target: Target;
  readonly job: Job;
  /** Check everything, write nothing: not to the device, and not on this computer. */
  readonly dryRun?: boolean;
  /** Only compare what the device holds with the image of the job; with `dryRun`. */
  readonly compareOnly?: boolean;
  /** Most time for the whole run, in ms. */
  readonly capMs?: number;
  /** Calls the run off; has no effect after the commit. */
  readonly cancel?: AbortSignal;
  /** Stops watching after the commit. The device goes on by itself; the next run finds out how it ended. */
  readonly abandon?: AbortSignal;
}

/** What the outcome will report, gathered on the way. */
export interface Gathered {
  device: string | null;
  from: string | null;
  to: string | null;
  readBack: ReadBackKind | null;
  /** The last thing that the device or the system said to explain the outcome. */
  detail: string | null;
  /** What ran before and what runs now, read from the device's files; `null`: not read, or no longer valid. */
  before: Running | null;
  now: Running | null;
  /** When `now` was read, and how many gaps (time that this process did not live through) the clock had by then. */
  readAt: { readonly ms: number; readonly gaps: number };
  /** This computer's open records that are, or may be, of this device: while there is one, nothing is claimed. */
  open: readonly OpenRecord[];
  /**
   * The other attachments in the look that found the device, which came before its volume was read: a drive of a later
   * look may be the device itself, back again.
   */
  others: readonly string[];
  /** The device's other files, as they were before this run began its own work. */
  witnesses: Witnesses | null;
  /** How this run's commit was judged, where it starts over. */
  judged: FaultCode | null;
  /** Whether a run, with any image, ended in a way that leaves open whether it was committed. */
  isUnfinished: boolean;
  /** The last commitment that was made or followed. */
  commitment: Commitment | null;
  /** Nonces of the records that this run has dealt with, closed or not. */
  readonly dealtWith: Set<string>;
  /** The mounts that this run made and removes at its end. */
  readonly ownMounts: MountedVolume[];
  /** Where somebody else had mounted what this run unmounted. */
  readonly unmounted: Set<string>;
}

export interface RunContext {
  readonly environment: Environment;
  readonly options: RunOptions;
  readonly family: Family;
  readonly findings: Gathered;
  /** Takes the lock of the device, once. Rejects with `device-locked`. */
  lock(name: string): Promise<void>;
  /** Keeps others from writing to the volume, until `letGo`. Rejects with `device-locked`. */
  hold(volume: MountedVolume): Promise<void>;
  letGo(): Promise<void>;
  /** The flash memory of the device, where something shows it. */
  readonly flash: OpenedFlash;
  /** The signal that ends waiting now: `cancel` before the commit, `abandon` after it. */
  signal(): AbortSignal | undefined;
  /** Throws `interrupted` or `abandoned` if that signal has fired. */
  throwIfCalledOff(): void;
  /** Throws the same, or `not-in-time` or `timed-out` if the cap is used up. */
  check(): void;
  /** Does not count `ms` that this process did not live through against the cap. */
  excuse(ms: number): void;
}

/** How often to look when nothing wakes us, in ms. */
const SLOW_LOOK_MS = 2_000;

/**
 * Calls `look` until it finds something, at every wake-up and at least every `everyMs`; `null` once `patienceMs` have
 * passed and a look after that has found nothing. Time that this process did not live through does not count, and the
 * cap ends waiting only after a look. Throws what `RunContext.check` throws.
 */
export async function until<T>(
  context: RunContext,
  patienceMs: number,
  look: () => Promise<T | null>,
  everyMs: number = SLOW_LOOK_MS,
): Promise<T | null> {
  const { clock, volumes } = context.environment;
  let leftMs = patienceMs;
  for (;;) {
    context.throwIfCalledOff();
    const startedAt = clock.now();
    const gaps = clock.gaps();
    const changes = volumes.changeCount();
    const found = await look();
    if (found !== null) return found;
    // What a look saw before a gap says nothing about now.
    const isLived = (): boolean => clock.gaps() === gaps;
    if (isLived()) {
      if (leftMs <= 0) return null;
      context.check();
      await volumes.changed(changes, Math.min(everyMs, Math.max(leftMs, 0)), context.signal());
    }
    if (isLived()) leftMs -= clock.now() - startedAt;
    else context.excuse(clock.now() - startedAt);
  }
}

/** What `look` finds, or `null` if the volume cannot be used just now: normal right after a mount or unmount. */
export async function tolerantly<T>(context: RunContext, look: () => Promise<T | null>): Promise<T | null> {
  try {
    return await look();
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || thrown.fault.exit !== 6) throw thrown;
    context.findings.detail = thrown.message;
    return null;
  }
}
