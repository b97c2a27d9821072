import { FAULTS } from '../protocol/faults.ts';
import type { Event, StateOf } from '../protocol/machine.ts';
import { type Commitment, type Judgement, judge, type Testimony } from '../protocol/verdict.ts';
import { formatVersion } from '../protocol/versions.ts';
import { type Context, tolerantly, until } from './context.ts';
import { hear } from './hear.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { TORN_LOOK_MS } from './reading.ts';
import { printable, type Report } from './report.ts';
import { hasLeft } from './sighting.ts';

interface Judged {
  readonly testimony: Testimony;
  readonly judgement: Judgement;
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
  let known = state.testimony;
  const { commitment, origin } = state.pending;
  const { records } = context.environment;
  const heard: { last: Judged | null } = { last: null };
  const settled = await until<'judged' | 'gone'>(
    context,
    context.profile.patience.answerMs,
    async () => {
      const testimony =
        known ?? (await tolerantly(context, () => hear(context, volume, commitment)))?.testimony ?? null;
      known = null;
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
  // What a later run may still learn more about stays open.
  const closes = fault.verdict !== 'indeterminate' || origin !== 'own';
  const [removed] = await Promise.all([
    tryRemoveLeftovers(context, volume),
    closes ? records.close(commitment.nonce) : undefined,
  ]);
  if (removed === null) {
    yield {
      type: 'notice',
      code: 'leftover-kept',
      message: 'The payload could not be removed from the volume; it is inert.',
    };
  }
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
