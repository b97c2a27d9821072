import { SpacepackError } from '../protocol/errors.ts';
import type { ImageFacts } from '../protocol/fit.ts';
import type { DeviceProfile } from '../protocol/profile.ts';
import type { Drive } from '../protocol/sight.ts';
import type { Environment, ReadBackKind } from '../volume/port.ts';

/** What a run is to do. */
export type Job =
  | {
      readonly kind: 'install';
      readonly image: ImageFacts;
      /** The payload's bytes from the start; throws `image-changed` if they are no longer those that were checked. */
      readonly read: () => AsyncIterable<Uint8Array>;
      readonly allowDowngrade: boolean;
    }
  | { readonly kind: 'ping' };

/** Which drive a run is about. Found again by serial, else by port, else by the system's name of the drive. */
export interface Target {
  readonly profile: DeviceProfile;
  readonly serial: string | null;
  readonly port: string | null;
  readonly driveId: string;
}

export function targetOf(profile: DeviceProfile, drive: Drive): Target {
  return { profile, serial: drive.usb?.serial ?? null, port: drive.usb?.port ?? null, driveId: drive.id };
}

export interface RunOptions {
  readonly target: Target;
  readonly job: Job;
  /** Check everything, write nothing. */
  readonly dryRun?: boolean;
  /** Most time for the whole run, in ms. */
  readonly capMs?: number;
  /** Calls the run off; has no effect after the commit. */
  readonly cancel?: AbortSignal;
  /** Stops watching after the commit. The device goes on by itself; the next run finds out how it ended. */
  readonly abandon?: AbortSignal;
}

/** What the outcome will tell, gathered on the way. */
export interface Findings {
  device: string | null;
  from: string | null;
  to: string | null;
  readBack: ReadBackKind | null;
  /** The last thing the device or the system said that explains the outcome. */
  detail: string | null;
  /** We mounted the volume ourselves, and so leave it unmounted. */
  ownMount: boolean;
}

export interface Context {
  readonly environment: Environment;
  readonly options: RunOptions;
  readonly profile: DeviceProfile;
  readonly findings: Findings;
  /** Takes the lock of the device, once. Rejects with `device-locked`. */
  lock(serial: string): Promise<void>;
  /** The signal that ends waiting now: `cancel` before the commit, `abandon` after it. */
  signal(): AbortSignal | undefined;
  /** Throws `interrupted` or `abandoned` if that signal has fired, `not-in-time` or `timed-out` if the cap is used up. */
  check(): void;
}

/** How often to look when nothing wakes us, in ms. */
const SLOW_LOOK_MS = 2_000;

/**
 * Looks until `look` finds something, again at every wake-up and at least every `everyMs`; `null` once `patienceMs` have
 * passed. Throws what `Context.check` throws.
 */
export async function until<T>(
  context: Context,
  patienceMs: number,
  look: () => Promise<T | null>,
  everyMs: number = SLOW_LOOK_MS,
): Promise<T | null> {
  const { clock, volumes } = context.environment;
  const deadline = clock.now() + patienceMs;
  for (;;) {
    context.check();
    const before = volumes.changeCount();
    const found = await look();
    if (found !== null) return found;
    const leftMs = deadline - clock.now();
    if (leftMs <= 0) return null;
    await volumes.changed(before, Math.min(everyMs, leftMs), context.signal());
  }
}

/** What `look` finds, or `null` if the volume would not do at this moment: after a mount or an unmount that is usual. */
export async function tolerantly<T>(context: Context, look: () => Promise<T | null>): Promise<T | null> {
  try {
    return await look();
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || thrown.fault.exit !== 6) throw thrown;
    context.findings.detail = thrown.message;
    return null;
  }
}
