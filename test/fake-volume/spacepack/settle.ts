import type { Card } from '../cards/card.ts';
import { rejected } from './answer.ts';
import type { Board } from './board.ts';
import { type InstallRecord, knowsNonce } from './journal.ts';
import { removeAnswered, tell } from './tell.ts';
import { lookForTrigger, type Trigger, type TriggerSight } from './trigger.ts';
import { versionText } from './values.ts';

/**
 * Puts the card in order before a host can see it: answers a trigger that is left over from another session without
 * acting on it (protocol §7.6), brings INFO.TXT and STATUS.TXT up to date, and removes what was answered (§9.4).
 */
export function settleCard(board: Board): void {
  const card = board.card();
  if (card === null) return;
  const sight = lookForTrigger(card);
  if (sight.kind === 'intact') answerLeftOver(board, sight.trigger);
  // protocol §9.5: a card whose files cannot be brought up to date is left alone
  if (tell(board, card)) removeLeftOver(board, card, sight);
  // Written in another session and not understood, or answered just now: no answer is due for it later.
  board.doneTrigger = sight.kind === 'malformed' ? sight.id : null;
}

/** The answer to a trigger whose nonce, if any, was not answered yet; it is acted on no further. */
export function answerWithoutActing(
  board: Board,
  answered: Pick<InstallRecord, 'nonce' | 'triggerBootCount'>,
  answer: ReturnType<typeof rejected>,
): void {
  const { running } = board;
  const from = running.mode === 'application' ? versionText(running.version) : null;
  board.journal.write({
    ...board.journal.entry(),
    install: { ...answered, step: 'accepted', answer, from, to: null, image: null },
  });
  board.log(`answers ${answer.state}, ${answer.code}: ${answer.detail}`);
}

function answerLeftOver(board: Board, { install, nonce, bootCount }: Trigger): void {
  if (install === null || knowsNonce(board.journal.entry(), nonce)) return;
  const answer = rejected('stale', `written for boot count ${bootCount}`);
  answerWithoutActing(board, { nonce, triggerBootCount: bootCount }, answer);
}

/** By now every intact trigger on the card is answered, or a ping of another session. */
function removeLeftOver(board: Board, card: Card, sight: TriggerSight): void {
  if (sight.kind === 'intact') removeAnswered(board, card, sight.trigger.install !== null);
  if (sight.kind === 'malformed' && sight.id === board.doneTrigger) removeAnswered(board, card, true);
}
