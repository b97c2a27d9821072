import type { Clock } from '../computer/clock.ts';
import { within } from '../computer/within.ts';
import { SpacepackError } from '../protocol/errors.ts';

/** A place that has not answered after this time, in ms, is passed over: a network drive whose server is gone. */
const PLACE_MS = 500;

/**
 * What `look` finds at `place`; `null` if it fails or does not answer soon. While a call has not returned, its place is not
 * looked at again: each such call keeps one of this process's few threads.
 */
export type QuickLook = <T>(place: string, look: () => Promise<T>) => Promise<T | null>;

/** For places of which some may never answer. */
export function createQuickLooks(clock: Clock): QuickLook {
  const silent = new Set<string>();
  return async (place, look) => {
    if (silent.has(place)) return null;
    const looking = look();
    try {
      return await within(clock, PLACE_MS, place, looking);
    } catch (thrown) {
      if (thrown instanceof SpacepackError) {
        silent.add(place);
        const answered = (): unknown => silent.delete(place);
        looking.then(answered, answered);
      }
      return null;
    }
  };
}
