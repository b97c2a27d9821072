import type { OpenRecord } from '../protocol/commitment.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { compareIdentities, compareSerials, findSame, identityAway, nameOf } from '../protocol/identity.ts';
import type { Event } from '../protocol/machine.ts';
import { isRecordOf } from '../protocol/match.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import { wants } from './claims.ts';
import { type RunContext, until } from './context.ts';
import { notice, type Report } from './report.ts';
import { createMounter, familyDrives, othersIn } from './sighting.ts';

/** How often to look for a mount, in ms: a mount over an existing folder wakes nobody. */
const MOUNT_LOOK_MS = 500;

/**
 * Makes a look believe a refusal of the card only after it has lasted for `settleMs`: a drive that has just arrived
 * shows no medium at first.
 */
function createBelief(
  context: RunContext,
): (look: () => Promise<MountedVolume | null>) => Promise<MountedVolume | null> {
  const { clock } = context.environment;
  let refusedSince: number | null = null;
  return async (look) => {
    try {
      const volume = await look();
      refusedSince = null;
      return volume;
    } catch (thrown) {
      if (!(thrown instanceof SpacepackError) || !thrown.code.startsWith('card-')) throw thrown;
      refusedSince ??= clock.now();
      if (clock.now() - refusedSince >= context.family.patience.settleMs) throw thrown;
      return null;
    }
  };
}

/** The records that may be of the target. Reports those that the family does not understand: no run can follow them. */
async function* recordsOf({ environment, family, options }: RunContext): AsyncGenerator<Report, readonly OpenRecord[]> {
  const { serial } = options.target.identity;
  const understood: OpenRecord[] = [];
  for (const record of await environment.records.list()) {
    if (record.family !== family.id || compareSerials(record.serial, serial) === 'other') continue;
    if (isRecordOf(family, record)) {
      understood.push(record);
      continue;
    }
    const { action, committedAt } = record;
    yield notice('record-open', `The ${action} of ${committedAt} stays open: its record cannot be understood.`);
  }
  return understood;
}

/** A device that is away with an update open: it is awaited as after our own commit. */
function away(context: RunContext, record: OpenRecord): Event {
  const { timing } = record;
  context.findings.device = nameOf(record);
  context.findings.from = record.fromVersion;
  context.findings.before = { image: record.oldImage };
  return {
    type: 'away',
    pending: {
      commitment: record,
      origin: wants(context.options.job, record) ? 'earlier' : 'foreign',
      timing,
      device: identityAway(record),
      others: context.findings.others,
    },
  };
}

/**
 * Finds the target's control volume, mounted. Throws `no-device`, `devices-alike`, `card-*`, or why it did not mount.
 */
export async function* discover(context: RunContext): AsyncGenerator<Report, Event> {
  const { target } = context.options;
  const { mountMs, returnMs } = context.family.patience;
  // What the device holds can be seen, whatever became of an earlier run.
  context.findings.open = context.options.compareOnly ? [] : yield* recordsOf(context);
  const mountedVolume = createMounter(context);
  const believing = createBelief(context);
  let seen: Drive | null = null;
  const found = await until<MountedVolume | OpenRecord>(
    context,
    mountMs + returnMs,
    async () => {
      const drives = await familyDrives(context);
      const drive = findSame(target.identity, drives);
      context.findings.others = othersIn(drives, drive);
      if (drive === null && seen === null) {
        // An update of its twin is not this device's: where ports are known, the record must be of the same port.
        const record = context.findings.open.find((each) => {
          const sameness = compareIdentities(identityAway(each), target.identity);
          if (sameness === 'other') return false;
          return sameness === 'same' || compareSerials(each.serial, target.identity.serial) === 'same';
        });
        if (record !== undefined && !context.options.dryRun && context.family.returns !== 'never') return record;
        throw new SpacepackError('no-device', `Expected ${target.name}, found no such drive.`);
      }
      seen = drive ?? seen;
      return drive === null ? null : believing(() => mountedVolume(drive));
    },
    MOUNT_LOOK_MS,
  );
  if (found !== null && 'nonce' in found) {
    const message = `${target.name} is away, and the ${found.action} of ${found.committedAt} has not ended; waiting for it.`;
    yield notice('waiting-for-return', message);
    return away(context, found);
  }
  if (found !== null) return { type: 'found', volume: found };
  const waitedMs = mountMs + returnMs;
  throw new SpacepackError(
    'volume-not-mounted',
    `Expected the volume of ${target.name} to be mounted within ${waitedMs} ms, found it unmounted.`,
  );
}
