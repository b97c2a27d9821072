import { type Choice, chooseAway, chooseSights, targetOf } from './choose.ts';
import type { Target } from './engine/context.ts';
import { type DeviceSight, find } from './find.ts';
import { SpacepackError } from './protocol/errors.ts';
import type { Environment } from './volume/port.ts';

/** A device to act on. */
export interface Selected {
  readonly target: Target;
  /** `null`: it is away, with an update open; a run waits for it. */
  readonly sight: DeviceSight | null;
}

/**
 * The devices that are meant, at least one, for `update` and `ping`: those that are there or, where none is, the one that is away
 * because of an update of which this computer has not seen the end. Rejects as `find` and `choose` do, and with `own-disk`.
 */
export async function select(environment: Environment, choice: Choice = {}): Promise<readonly Selected[]> {
  const sights = await find(environment);
  try {
    return chooseSights(sights, choice).map((sight) => ({ target: targetOf(sight), sight }));
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || thrown.code !== 'no-device') throw thrown;
    const away = chooseAway(await environment.records.list(), choice);
    if (away === null) throw thrown;
    return [{ target: away, sight: null }];
  }
}
