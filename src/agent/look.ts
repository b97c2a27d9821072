import { type DeviceSight, find } from '../find.ts';
import type { Environment } from '../volume/port.ts';

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
