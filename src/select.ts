import { type Choice, chooseAway, chooseSights, targetOf } from './choose.ts';
import type { Target } from './engine/context.ts';
import { type DeviceSight, find } from './find.ts';
import { SpacepackError } from './protocol/errors.ts';
import { compareIdentities, compareSerials, identityAway } from './protocol/identity.ts';
import { TEXT_LIMIT } from './protocol/key-value.ts';
import { isOfFamily } from './protocol/profile.ts';
import { parseStatus } from './protocol/status.ts';
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

/** Whether a device that is there has been moved to another port since its update: its own run finds that out, and closes the record. */
async function wasMoved({ volumes }: Environment, { serial, nonce }: OpenRecord, sight: DeviceSight): Promise<boolean> {
  const { profile, volume, info } = sight;
  if (volume === null || compareSerials(serial, info?.serial ?? null) !== 'same') return false;
  const path = `${profile.folder}/${profile.files.status}`;
  const bytes = await volumes.read(volume, path, TEXT_LIMIT + 1).catch(() => null);
  const status = bytes === null ? null : parseStatus(bytes);
  return status?.kind === 'intact' && [status.value.nonce, status.value.pingNonce].includes(nonce);
}

/** Those that are away with an update open, besides the ones that are there: what may be of one of these is for its own run. */
async function selectAlsoAway(
  environment: Environment,
  choice: Choice,
  sights: readonly DeviceSight[],
): Promise<readonly Selected[]> {
  const isOf = async (record: OpenRecord, sight: DeviceSight): Promise<boolean> => {
    const { profile, identity } = targetOf(sight);
    if (!isOfFamily(profile, record)) return false;
    return compareIdentities(identityAway(record), identity) !== 'other' || wasMoved(environment, record, sight);
  };
  const away: OpenRecord[] = [];
  for (const record of await environment.records.list()) {
    const owners = await Promise.all(sights.map((sight) => isOf(record, sight)));
    if (!owners.includes(true)) away.push(record);
  }
  return chooseAway(away, choice).map((target) => ({ target, sight: null }));
}

/**
 * The devices that are meant, at least one, for `update` and `ping`: those that are there or, where none is, the one that is away
 * because of an update of which this computer has not seen the end; with `all`, those that are there and those that are away so.
 * Rejects as `find` and `choose` do, with `own-disk`, and with `lost-track` where it is not known whether such a device is meant.
 */
export async function select(
  environment: Environment,
  choice: Choice = {},
  sights?: readonly DeviceSight[],
): Promise<readonly Selected[]> {
  const found = sights ?? (await find(environment));
  let chosen: readonly DeviceSight[];
  try {
    chosen = chooseSights(found, choice);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || thrown.code !== 'no-device') throw thrown;
    return selectAway(environment, choice, thrown);
  }
  const there = chosen.map((sight) => ({ target: targetOf(sight), sight }));
  return choice.all === true ? [...there, ...(await selectAlsoAway(environment, choice, found))] : there;
}
