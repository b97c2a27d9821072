import type { Commitment, Judgement, OpenRecord } from '../protocol/commitment.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { CommitMeans, Programmed, Wanted } from '../protocol/family.ts';
import { FAULTS } from '../protocol/faults.ts';
import { identityOf } from '../protocol/identity.ts';
import type { Event, Pending, StateOf } from '../protocol/machine.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { Working } from '../protocol/steps.ts';
import { lookAfresh } from './afresh.ts';
import { type Job, type RunContext, tolerantly } from './context.ts';
import { removeLeftovers, tryRemoveLeftovers } from './leftovers.ts';
import { readTrigger } from './reading.ts';
import { closeRecord, forget, recordOf } from './records.ts';
import { notice, type Report } from './report.ts';
import { hasLeft, othersIn, release } from './sighting.ts';
import { takeSteps } from './steps.ts';
import { whatCommits } from './what-commits.ts';
import { forgetWhatRuns } from './what-runs.ts';
import { writeBytes } from './write-bytes.ts';

function wantedOf(job: Job): Wanted {
  return job.kind === 'ping' ? { action: 'ping' } : { action: 'install', ...job };
}

/**
 * Unmounts the other volumes of the drive, because they leave with it and lose what is not yet written. Returns the
 * attachments of all other drives. Rejects with `volume-busy`, naming who holds one.
 */
async function makeReadyToLeave(context: RunContext, { drive, volume }: MountedVolume): Promise<readonly string[]> {
  const drives = await context.environment.volumes.list();
  const own = drives.find(({ attachment }) => attachment === drive.attachment);
  for (const other of own?.volumes ?? []) {
    if (own === undefined || other.id === volume.id || other.mount === null) continue;
    await release(context, { drive: own, volume: other, mount: other.mount });
  }
  return othersIn(drives, drive);
}

/**
 * A payload that is its own trigger is read to its end before its first byte is written: a device must not get half of it
 * because the file has changed, or because reading it takes time.
 */
async function wholeOf(job: Job): Promise<Uint8Array> {
  if (job.kind !== 'install') throw new TypeError('a ping has no payload that could be its trigger');
  const pieces: Uint8Array[] = [];
  for await (const piece of job.read()) pieces.push(piece.slice());
  return Buffer.concat(pieces);
}

async function pull(
  context: RunContext,
  volume: MountedVolume,
  path: string,
  trigger: NonNullable<CommitMeans>,
): Promise<void> {
  const { family, flash } = context;
  if (trigger === 'reboot') return flash.reboot();
  const { isOver = false } = family.write;
  await writeBytes(context, volume, path, trigger, isOver ? { isOver } : {});
}

/** Nothing was committed after all: removes what is left, and closes the record. */
async function* takeBack(context: RunContext, volume: MountedVolume, record: OpenRecord): AsyncGenerator<Report, void> {
  await tryRemoveLeftovers(context, volume);
  yield* forget(context, record);
}

/** Some devices prove nothing about a trigger that may never have arrived whole. */
async function rememberArrival(
  { environment, family, findings }: RunContext,
  pending: Pending,
  record: OpenRecord,
  written: NonNullable<Commitment['written']>,
): Promise<Pending> {
  if (family.arrived === undefined) return { ...pending, commitment: { ...record, written } };
  const arrived = { ...record, memory: family.arrived(record.memory) };
  findings.open = [arrived];
  // Whoever reads the older record later takes less for proven.
  await environment.records.save(arrived).catch((thrown: unknown) => {
    if (!(thrown instanceof SpacepackError)) throw thrown;
  });
  return { ...pending, commitment: { ...arrived, written } };
}

async function open({ environment, findings }: RunContext, record: OpenRecord): Promise<void> {
  await environment.records.save(record);
  findings.open = [record];
  findings.commitment = record;
}

type Programmable = Programmed | Judgement;

/** Writes the flash memory. The record stays open if the device left: the next run finds out what it holds. */
async function* program(
  context: RunContext,
  volume: MountedVolume,
  steps: Working<Programmable>,
): AsyncGenerator<Report, { readonly value: Programmable; readonly volume: MountedVolume } | Event> {
  try {
    return yield* takeSteps(context, volume, steps);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || thrown.code !== 'volume-gone') throw thrown;
    context.findings.detail = thrown.message;
    return { type: 'gave-up', code: 'left-while-writing' };
  }
}

/** Saves the open record, then commits. From the trigger's first byte on, only the device can say how it ends. */
export async function* commit(context: RunContext, { device }: StateOf<'commit'>): AsyncGenerator<Report, Event> {
  const { environment, family, findings, options } = context;
  const { info } = device;
  let { volume } = device;
  const { job } = options;
  const others = await makeReadyToLeave(context, volume);
  // An install that staged its payload removed them before.
  if (job.kind === 'ping' || family.files.payload === null) await removeLeftovers(context, volume);
  await context.hold(volume);
  const nonce = Buffer.from(environment.random(16)).toString('hex');
  if (findings.witnesses === null) throw new TypeError('nothing was read before the commit');
  const made = family.commit(wantedOf(job), info, nonce, findings.witnesses);
  const { memory, path = family.files.trigger.path } = made;
  let leavesAtOnce = false;
  // Read before the record is saved: then nothing can stop it half way.
  const bytes = made.trigger ?? (await wholeOf(job));
  let trigger: NonNullable<CommitMeans> = bytes;
  let record = recordOf(context, volume, info, { nonce, memory }, job.kind === 'install' ? job.image : null);
  await open(context, record);
  forgetWhatRuns(context);
  if (job.kind === 'install' && family.programming !== null) {
    const programmed = yield* program(context, volume, family.programming.program(job.image, info, nonce));
    if ('type' in programmed) return programmed;
    volume = programmed.volume;
    if ('code' in programmed.value) {
      const { code, detail = null } = programmed.value;
      // What is not known stays on record, so that the next run does not take it for committed.
      if (FAULTS[code].verdict !== 'indeterminate') yield* closeRecord(context, record.nonce);
      findings.detail = detail;
      return { type: 'gave-up', code };
    }
    leavesAtOnce = programmed.value.leavesAtOnce ?? false;
    trigger = programmed.value.trigger ?? bytes;
    record = { ...record, memory: programmed.value.memory };
    await open(context, record);
  }
  const pending: Pending = {
    commitment: { ...record, written: 'doubtful' },
    origin: 'own',
    timing: info.timing,
    device: identityOf(volume.drive, info),
    others,
  };
  let doubt: SpacepackError;
  try {
    const { clock } = environment;
    const gaps = clock.gaps();
    await pull(context, volume, path, trigger);
    const written = clock.gaps() === gaps ? 'whole' : 'doubtful';
    return { type: 'committed', pending: await rememberArrival(context, pending, record, written), volume };
  } catch (thrown) {
    // A hanging volume that the run has left is not looked at again.
    if (!(thrown instanceof SpacepackError) || thrown.code === 'abandoned') throw thrown;
    doubt = thrown;
  }
  // Flash memory that was programmed before is no longer what it was.
  if (doubt.noEffect && family.programming === null) {
    const there = await tolerantly(context, () => readTrigger(context, volume));
    yield* takeBack(context, volume, record);
    if (there === null || family.liveCommit(info, there) === null) throw doubt;
    throw new SpacepackError('device-busy', `Another run wrote ${whatCommits(family)} at the same moment.`);
  }
  // protocol §10.5: the error decides nothing. A fresh look may; if not, the device will.
  const doubtful: Pending = { ...pending, isDoubtful: true };
  const left = await hasLeft(context, volume);
  if (!left || !leavesAtOnce) {
    const what = trigger === 'reboot' ? 'The restart' : `Writing ${whatCommits(family)}`;
    yield notice('commit-doubtful', `${what} reported an error, which proves nothing: ${doubt.message}`);
  }
  if (left) return { type: 'vanished', pending: doubtful };
  const afresh = await lookAfresh(context, volume, doubtful);
  switch (afresh.kind) {
    case 'returned':
      return { type: 'answered', pending, volume: afresh.volume };
    case 'never-arrived':
      yield* takeBack(context, afresh.volume, record);
      throw new SpacepackError('trigger-not-written', doubt.message, { cause: doubt });
    case 'committed':
      return { type: 'committed', pending: doubtful, volume: afresh.volume };
    case 'not-known':
      return { type: 'committed', pending: doubtful, volume };
  }
}
