import { SpacepackError } from '../protocol/errors.ts';
import type { Event, StateOf } from '../protocol/machine.ts';
import type { RunContext } from './context.ts';
import { notice, type Report } from './report.ts';
import { release } from './sighting.ts';

/** Unmounts the volume. If that fails, it is no fault: the device then waits for its longer quiet window (§7.3 b). */
export async function* releaseVolume(
  context: RunContext,
  { volume }: StateOf<'release'>,
): AsyncGenerator<Report, Event> {
  try {
    await release(context, volume);
    return { type: 'released', volume: null };
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    context.throwIfCalledOff();
    if (thrown.code === 'volume-gone') return { type: 'released', volume: null };
    yield notice('volume-held', `${thrown.message} ${thrown.remedy}`);
    return { type: 'released', volume };
  }
}
