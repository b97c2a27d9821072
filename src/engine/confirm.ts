import { FAULTS } from '../protocol/faults.ts';
import type { Event, StateOf } from '../protocol/machine.ts';
import { printable } from '../protocol/printable.ts';
import { type Commitment, type Judgement, judge, type Testimony } from '../protocol/verdict.ts';
import { closeRecord } from './close-record.ts';
import { type Context, tolerantly, until } from './context.ts';
import { hear } from './hear.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { TORN_LOOK_MS } from './reading.ts';
import { notice, type Report } from './report.ts';
import { hasLeft } from './sighting.ts';
import { noteWhatRuns } from './what-runs.ts';

interface Judged {
  readonly testimony: Testimony;
  readonly judgement: Judgement;
}

function keep(context: Context, { info, status }: Testimony, { nonce }: Commitment): void {
  noteWhatRuns(context, info);
  const detail = status !== null && status.nonce === nonce ? status.details?.detail : undefined;
  context.findings.detail = detail ? `The device says: ${printable(detail)}` : null;
}

/** Reads the witnesses until the table of verdicts has an answer, or `answerMs` are over; then tidies up. */
export async function* confirm(context: Context, state: StateOf<'confirm'>): AsyncGenerator<Report, Event> {
  const { volume } = state;
  let known = state.testimony;
  const { commitment, origin } = state.pending;
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
      // Of a stranger's commit it matters only that it is over: the device has returned.
      return heard.last.judgement.next === 'wait' && origin !== 'stranger' ? null : 'judged';
    },
    TORN_LOOK_MS,
  );
  if (settled === 'gone') return { type: 'departed' };
  if (heard.last === null) return { type: 'gave-up', code: 'returned-unreadable' };
  if (origin === 'stranger') return { type: 'settled' };
  yield* tidyUp(context, state, heard.last);
  return { type: 'judged', judgement: heard.last.judgement };
}

/** What the device said is told, its leftovers removed and the record closed: none of that changes the verdict. */
async function* tidyUp(
  context: Context,
  { volume, pending }: StateOf<'confirm'>,
  { testimony, judgement }: Judged,
): AsyncGenerator<Report, void> {
  const { commitment, origin } = pending;
  keep(context, testimony, commitment);
  const fault = FAULTS[judgement.code];
  const removed = context.options.dryRun ? false : await tryRemoveLeftovers(context, volume);
  // What a later run may still learn more about stays open.
  const closes = fault.verdict !== 'indeterminate' || origin !== 'own';
  const kept = closes ? await closeRecord(context, commitment.nonce) : null;
  if (kept !== null) yield kept;
  if (removed === null) {
    yield notice('leftover-kept', 'The payload could not be removed from the volume; it is inert.');
  }
  if (origin !== 'own') {
    yield notice('record-resolved', `An earlier ${commitment.action} ended: ${fault.meaning}`);
  } else if (judgement.next === 'again') {
    context.findings.judged = judgement.code;
    yield notice('starting-over', `${fault.meaning} Starting over is safe.`);
  }
}
