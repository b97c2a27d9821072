import { type Choice, chooseAway, chooseSights, targetOf } from './choose.ts';
import type { Target } from './engine/context.ts';
import { type DeviceSight, find } from './find.ts';
import { SpacepackError } from './protocol/errors.ts';
import type { Environment, OpenRecord } from './volume/port.ts';

/** A device to act on. */
export interface Selected {
  readonly target: Target;
  /** `null`: it is away, with an update open; a run waits for it. */
  readonly sight: DeviceSight | null;
}

/** Whether a device that is away may be the one named, by where it was then: its record keeps no more of that than the port. */
function mayBeMeant({ port }: OpenRecord, { device, volumePath }: Choice): boolean {
  if (volumePath !== undefined) return true;
  return device !== undefined && (port === null || /[/\\]|^disk\d/.test(device));
}

async function selectAway(
  environment: Environment,
  choice: Choice,
  error: SpacepackError,
): Promise<readonly Selected[]> {
  const records = await environment.records.list();
  const away = chooseAway(records, choice);
  if (away.length > 0) return away.map((target) => ({ target, sight: null }));
  const record = records.find((each) => mayBeMeant(each, choice));
  if (record === undefined) throw error;
  const open = `the ${record.action} of ${record.committedAt} on ${record.serial} is open, and may be of this device.`;
  throw new SpacepackError('lost-track', `${error.message} But ${open}`);
}

/**
 * The devices that are meant, at least one, for `update` and `ping`: those that are there or, where none is, the one that is away
 * because of an update of which this computer has not seen the end. Rejects as `find` and `choose` do, with `own-disk`, and with
 * `lost-track` where it is not known whether such a device is meant.
 */
export async function select(
  environment: Environment,
  choice: Choice = {},
  sights?: readonly DeviceSight[],
): Promise<readonly Selected[]> {
  const found = sights ?? (await find(environment));
  try {
    return chooseSights(found, choice).map((sight) => ({ target: targetOf(sight), sight }));
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || thrown.code !== 'no-device') throw thrown;
    return selectAway(environment, choice, thrown);
  }
}
