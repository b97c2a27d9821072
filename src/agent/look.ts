import { type DeviceSight, find } from '../devices/find.ts';
import { whileMounted } from '../devices/while-mounted.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { Family } from '../protocol/family.ts';
import type { Environment } from '../volume/port.ts';

/** A login item may start before the volume that started it can be used. */
const LOOKS = 10;
const PAUSE_MS = 300;

const UNSETTLED = ['volume-not-mounted', 'card-missing', 'info-missing', 'volume-gone'];

const isUnsettled = ({ problem }: DeviceSight): boolean => problem !== null && UNSETTLED.includes(problem.code);

/**
 * The plugged-in devices, once all are mounted and readable or three seconds have passed. Rejects with
 * `listing-failed`.
 */
export async function lookPatiently(
  environment: Environment,
  families: readonly Family[],
  signal?: AbortSignal,
): Promise<readonly DeviceSight[]> {
  let sights = await find(environment, families);
  for (let left = LOOKS - 1; left > 0 && sights.some(isUnsettled) && !signal?.aborted; left -= 1) {
    await environment.clock.sleep(PAUSE_MS, signal);
    sights = await find(environment, families);
  }
  return sights;
}

/**
 * Mounts a device whose volume nobody mounts, as on a computer without a desktop, in order to read it, and unmounts it
 * again; calls `onKept` if it may have stayed mounted.
 */
export async function lookInside(
  environment: Environment,
  sight: DeviceSight,
  onKept: (error: SpacepackError) => void,
): Promise<DeviceSight> {
  const { drive, family, problem } = sight;
  if (problem?.code !== 'volume-not-mounted') return sight;
  const look = async (): Promise<DeviceSight> => {
    const sights = await find(environment, [family]);
    return sights.find((each) => each.drive.attachment === drive.attachment) ?? sight;
  };
  try {
    return (await whileMounted(environment.volumes, family, drive, look, onKept)) ?? sight;
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    return { ...sight, problem: thrown };
  }
}
