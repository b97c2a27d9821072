import { FAULTS } from '../protocol/faults.ts';
import type { Event, StateOf } from '../protocol/machine.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { type Commitment, type Judgement, judge, type Testimony } from '../protocol/verdict.ts';
import { formatVersion } from '../protocol/versions.ts';
import { type Context, tolerantly, until } from './context.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { readInfo, readStatus, readTrigger, TORN_LOOK_MS } from './reading.ts';
import { printable, type Report } from './report.ts';
import { hasLeft } from './sighting.ts';

interface Heard {
  readonly testimony: Testimony;
  readonly judgement: Judgement;
}

/** The three witnesses (protocol §10.2), or `null` while INFO.TXT cannot be read or is not of a later boot. */
async function hear(context: Context, volume: MountedVolume, commitment: Commitment): Promise<Testimony | null> {
  const [info, status, trigger] = await Promise.all([
    readInfo(context, volume),
    readStatus(context, volume),
    readTrigger(context, volume),
  ]);
  if (info.kind !== 'intact' || info.value.bootCount <= commitment.bootCount) return null;
  // protocol §6.1: one of another boot count is stale.
  const fresh = status.kind === 'intact' && status.value.bootCount === info.value.bootCount;
  const present = trigger.kind === 'intact' && trigger.value.nonce === commitment.nonce;
  return {
    info: info.value,
    status: fresh ? status.value : null,
    trigger: present ? 'present' : trigger.kind === 'torn' ? 'unknown' : 'gone',
  };
}

function keep({ findings }: Context, { info, status }: Testimony, { nonce }: Commitment): void {
  const version = info.details?.version;
  findings.to = version ? formatVersion(version) : null;
  const detail = status !== null && status.nonce === nonce ? status.details?.detail : undefined;
  findings.detail = detail ? `The device says: ${printable(detail)}` : null;
}

/** Reads the witnesses until the table of verdicts has an answer, or `answerMs` are over; then tidies up. */
export async function* confirm(context: Context, state: StateOf<'confirm'>): AsyncGenerator<Report, Event> {
  const { volume } = state;
  const { commitment, origin } = state.pending;
  const { records } = context.environment;
  const heard: { last: Heard | null } = { last: null };
  const settled = await until<'judged' | 'gone'>(
    context,
    context.profile.patience.answerMs,
    async () => {
      const testimony = await tolerantly(context, () => hear(context, volume, commitment));
      if (testimony === null) return (await hasLeft(context, volume)) ? 'gone' : null;
      heard.last = { testimony, judgement: judge(commitment, testimony) };
      return heard.last.judgement.next === 'wait' ? null : 'judged';
    },
    TORN_LOOK_MS,
  );
  if (settled === 'gone') return { type: 'departed' };
  if (heard.last === null) return { type: 'gave-up', code: 'returned-unreadable' };

  const { testimony, judgement } = heard.last;
  keep(context, testimony, commitment);
  const fault = FAULTS[judgement.code];
  if ((await tryRemoveLeftovers(context, volume)) === null) {
    yield {
      type: 'notice',
      code: 'leftover-kept',
      message: 'The payload could not be removed from the volume; it is inert.',
    };
  }
  // What a later run may still learn more about stays open.
  if (fault.verdict !== 'indeterminate' || origin !== 'own') await records.close(commitment.serial);
  if (origin !== 'own') {
    yield {
      type: 'notice',
      code: 'record-resolved',
      message: `An earlier ${commitment.action} ended: ${fault.meaning}`,
    };
  } else if (judgement.next === 'again') {
    yield { type: 'notice', code: 'starting-over', message: `${fault.meaning} Starting over is safe.` };
  }
  return { type: 'judged', judgement };
}
