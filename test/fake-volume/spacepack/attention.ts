import type { Board } from './board.ts';
import { knowsNonce } from './journal.ts';
import { quietAtMs } from './quiet.ts';
import { lookForTrigger, type TriggerSight } from './trigger.ts';
import { type Pause, sleep, until, type Work } from './work.ts';

/** A sight that the device must leave for. */
export type Call = Exclude<TriggerSight, { kind: 'nothing' }>;

/**
 * Waits, on the bus, for a trigger that is quiet (protocol §7.3) or for the end of the session. Returns the trigger to
 * act on; `null`: the cable was pulled and there is nothing to do, or not enough battery to do it.
 */
export function* waitForCall(board: Board): Work<Call | null> {
  for (;;) {
    yield quietOrUnplugged(board);
    // protocol §7.3 (d)
    if (!board.onBus && board.batteryPercent < board.settings.batteryMinPercent) return null;
    yield sleep(board, 'look', 0);
    const call = callOnCard(board);
    if (call !== null || !board.onBus) return call;
    if (board.ejected) {
      board.ejected = false;
      board.ready = false;
    }
    board.lastWriteMs = null;
  }
}

function quietOrUnplugged(board: Board): Pause {
  const { quietMs, quietDirtyMs } = board.settings;
  const quietAt = () => {
    const { lastWriteMs, dirtyMarkWasSet, dirtyMarkIsSet, ejected } = board;
    return quietAtMs({ lastWriteMs, dirtyMarkWasSet, dirtyMarkIsSet, ejected, quietMs, quietDirtyMs });
  };
  const isQuiet = () => board.now() >= (quietAt() ?? Number.POSITIVE_INFINITY);
  return { ...until('wait', () => !board.onBus || isQuiet()), wakeMs: quietAt };
}

/** What is on the card that this session must act on (protocol §7.2, §9.3). */
function callOnCard(board: Board): Call | null {
  const card = board.card();
  const sight: TriggerSight = card === null ? { kind: 'nothing' } : lookForTrigger(card);
  if (sight.kind === 'nothing') return null;
  if (sight.kind === 'malformed') return sight.id === board.doneTrigger ? null : sight;
  const { trigger } = sight;
  const isPresent = trigger.session === board.session && trigger.bootCount === board.memory.bootCount;
  return isPresent && !knowsNonce(board.journal.entry(), trigger.nonce) ? sight : null;
}
