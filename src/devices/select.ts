import type { Target } from '../engine/context.ts';
import type { OpenRecord } from '../protocol/commitment.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { Family } from '../protocol/family.ts';
import { compareIdentities, compareSerials, identityAway, nameOf } from '../protocol/identity.ts';
import { isRecordOf } from '../protocol/match.ts';
import type { Environment } from '../volume/port.ts';
import { type Choice, chooseAway, chooseSights, type Some, targetOf } from './choose.ts';
import { type DeviceSight, find } from './find.ts';

/** A device to act on. */
export interface Selected {
  readonly target: Target;
  /** `null`: it is away, with an update open; a run waits for it. */
  readonly sight: DeviceSight | null;
}

/** Whether a device that is away may be the one named by its place: its record keeps only the port. */
function mayBeMeant({ port }: OpenRecord, { device, volumePath }: Choice): boolean {
  if (volumePath !== undefined) return true;
  return device !== undefined && (port === null || /[/\\]|^disk\d/.test(device));
}

const isAway = (target: Target): Selected => ({ target, sight: null });
const isThere = (sight: DeviceSight): Selected => ({ target: targetOf(sight), sight });

async function selectAway(
  environment: Environment,
  families: readonly Family[],
  choice: Choice,
  error: SpacepackError,
): Promise<Some<Selected>> {
  const records = await environment.records.list();
  const [first, ...others] = chooseAway(records, choice, families).map(isAway);
  if (first !== undefined) return [first, ...others];
  const comesBack = ({ family }: OpenRecord): boolean =>
    families.every(({ id, returns }) => id !== family || returns !== 'never');
  const record = records.find((each) => comesBack(each) && mayBeMeant(each, choice));
  if (record === undefined) throw error;
  const open = `the ${record.action} of ${record.committedAt} on ${nameOf(record)} is open, and may be of this device.`;
  throw new SpacepackError('lost-track', `${error.message} But ${open}`);
}

/** Whether a present device has changed ports since its update: its own run finds that out and closes the record. */
async function wasMoved({ volumes }: Environment, record: OpenRecord, sight: DeviceSight): Promise<boolean> {
  const { family, volume, info } = sight;
  if (volume === null || info === null || compareSerials(record.serial, info.serial) !== 'same') return false;
  const { path, limitBytes } = family.files.answer;
  const value = await volumes.read(volume, path, limitBytes + 1).catch(() => null);
  if (value === null) return false;
  const unread = { kind: 'absent', why: 'it was not looked for' } as const;
  const trace = family.trace(record, info, { answer: { kind: 'intact', value }, trigger: unread, others: new Map() });
  return trace.kind === 'answered' && trace.testimony.isNamed;
}

/** The devices that are away with an update open. A record that may be of a present device is left to its own run. */
async function selectAlsoAway(
  environment: Environment,
  families: readonly Family[],
  choice: Choice,
  sights: readonly DeviceSight[],
): Promise<readonly Selected[]> {
  const isOf = async (record: OpenRecord, sight: DeviceSight): Promise<boolean> => {
    const { family, identity } = targetOf(sight);
    if (!isRecordOf(family, record)) return false;
    return compareIdentities(identityAway(record), identity) !== 'other' || wasMoved(environment, record, sight);
  };
  const away: OpenRecord[] = [];
  for (const record of await environment.records.list()) {
    const owners = await Promise.all(sights.map((sight) => isOf(record, sight)));
    if (!owners.includes(true)) away.push(record);
  }
  return chooseAway(away, choice, families).map(isAway);
}

/**
 * The chosen devices, for `update` and `ping`: those that are present or, if none is, the one that is away because of
 * an update whose end this computer has not seen; with `all`, both kinds. Rejects as `find` and `choose` do, with
 * `own-disk`, and with `lost-track` if it is not known whether such a device is the chosen one.
 */
export async function select(
  environment: Environment,
  families: readonly Family[],
  choice: Choice = {},
  sights?: readonly DeviceSight[],
): Promise<Some<Selected>> {
  const found = sights ?? (await find(environment, families));
  let chosen: Some<DeviceSight>;
  try {
    chosen = chooseSights(found, choice);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || thrown.code !== 'no-device') throw thrown;
    return selectAway(environment, families, choice, thrown);
  }
  const [first, ...others] = chosen;
  const alsoAway = choice.all === true ? await selectAlsoAway(environment, families, choice, found) : [];
  return [isThere(first), ...others.map(isThere), ...alsoAway];
}
