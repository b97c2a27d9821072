import { type DeviceSight, find } from '../find.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { Environment } from '../volume/port.ts';
import { whileMounted } from '../while-mounted.ts';

/** A login item may be started before the volume that started it can be used. */
const LOOKS = 10;
const PAUSE_MS = 300;

const UNSETTLED = ['volume-not-mounted', 'card-missing', 'info-missing', 'volume-gone'];

const isUnsettled = ({ problem }: DeviceSight): boolean => problem !== null && UNSETTLED.includes(problem.code);

/** The devices that are plugged in, once all are mounted and readable, or three seconds have passed. Rejects with `listing-failed`. */
export async function lookPatiently(environment: Environment, signal?: AbortSignal): Promise<readonly DeviceSight[]> {
  let sights = await find(environment);
  for (let left = LOOKS - 1; left > 0 && sights.some(isUnsettled) && !signal?.aborted; left -= 1) {
    await environment.clock.sleep(PAUSE_MS, signal);
    sights = await find(environment);
  }
  return sights;
}

/**
 * A device whose volume nobody mounts, as on a computer without a desktop, mounted for the look and unmounted again; `onKept` is
 * told where it may have stayed mounted.
 */
export async function lookInside(
  environment: Environment,
  sight: DeviceSight,
  onKept: (error: SpacepackError) => void,
): Promise<DeviceSight> {
  const { drive, profile, problem } = sight;
  if (problem?.code !== 'volume-not-mounted') return sight;
  const look = async (): Promise<DeviceSight> => {
    const sights = await find(environment, [profile]);
    return sights.find((each) => each.drive.attachment === drive.attachment) ?? sight;
  };
  try {
    return (await whileMounted(environment.volumes, drive, look, onKept)) ?? sight;
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    return { ...sight, problem: thrown };
  }
}
