import type { Testimony } from '../protocol/commitment.ts';
import { FAULTS } from '../protocol/faults.ts';
import type { Event, StateOf } from '../protocol/machine.ts';
import { printable } from '../protocol/printable.ts';
import { type RunContext, tolerantly, until } from './context.ts';
import { hear, testimonyOf } from './hear.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { TORN_LOOK_MS } from './reading.ts';
import { closeRecord } from './records.ts';
import { notice, type Report } from './report.ts';
import { hasLeft } from './sighting.ts';
import { noteWhatRuns } from './what-runs.ts';

function keep(context: RunContext, { info, detail }: Testimony): void {
  noteWhatRuns(context, info);
  context.findings.detail = detail === '' ? null : `The device says: ${printable(detail)}`;
}

/** Reads the witnesses until the table of verdicts has an answer, or `answerMs` have passed; then tidies up. */
export async function* confirm(context: RunContext, state: StateOf<'confirm'>): AsyncGenerator<Report, Event> {
  const { volume } = state;
  let known = state.testimony;
  const { commitment, origin } = state.pending;
  const heard: { last: Testimony | null } = { last: null };
  const settled = await until<'judged' | 'gone'>(
    context,
    context.family.patience.answerMs,
    async () => {
      const testimony =
        known ?? (await tolerantly(context, async () => testimonyOf(await hear(context, volume, commitment))));
      known = null;
      if (testimony === null) return (await hasLeft(context, volume)) ? 'gone' : null;
      heard.last = testimony;
      // All that matters about a stranger's commit is that it is over: the device has returned.
      return testimony.judgement.next === 'wait' && origin !== 'stranger' ? null : 'judged';
    },
    TORN_LOOK_MS,
  );
  if (settled === 'gone') return { type: 'departed' };
  if (heard.last === null) return { type: 'gave-up', code: 'returned-unreadable' };
  if (origin === 'stranger') return { type: 'settled' };
  yield* tidyUp(context, state, heard.last);
  return { type: 'judged', judgement: heard.last.judgement };
}

/** Reports what the device said, removes leftovers and closes the record. None of that changes the verdict. */
async function* tidyUp(
  context: RunContext,
  { volume, pending }: StateOf<'confirm'>,
  testimony: Testimony,
): AsyncGenerator<Report, void> {
  const { commitment, origin } = pending;
  const { judgement } = testimony;
  keep(context, testimony);
  const fault = FAULTS[judgement.code];
  const removed = context.options.dryRun ? false : await tryRemoveLeftovers(context, volume);
  // A record that a later run may learn more about stays open.
  if (fault.verdict !== 'indeterminate' || origin !== 'own') yield* closeRecord(context, commitment.nonce);
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
