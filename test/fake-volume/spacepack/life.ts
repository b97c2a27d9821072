import { rejected } from './answer.ts';
import { type Call, waitForCall } from './attention.ts';
import type { Board } from './board.ts';
import { install } from './install.ts';
import { answerWithoutActing, settleCard } from './settle.ts';
import { confirmImage, powerUp } from './start.ts';
import { sleep, until, type Work } from './work.ts';

/** What the device does from one loss of power to the next. */
export function* live(board: Board): Work<never> {
  yield* powerUp(board);
  for (;;) {
    yield until('plug', () => board.plugged);
    yield sleep(board, 'attach', board.settings.durations.attach);
    if (!board.plugged) continue;
    yield* attach(board);
    if (!board.onBus) continue;
    const call = yield* waitForCall(board);
    if (call !== null) yield* leave(board, call);
  }
}

/** Onto the bus with a new boot count and session (protocol §7.1); the medium is ready at its end. */
function* attach(board: Board): Work {
  const { memory, settings } = board;
  memory.bootCount += 1;
  board.ready = false;
  board.session = Buffer.from(board.random(8)).toString('hex');
  board.lastWriteMs = null;
  board.dirtyMarkWasSet = false;
  board.ejected = false;
  board.configured = false;
  const isOnTrial = board.running.mode === 'application' && memory.flashState === 'trial';
  if (!isOnTrial) settleCard(board);
  board.log(`attaches in mode ${board.running.mode}, boot count ${memory.bootCount}`);
  board.onBus = true;
  if (isOnTrial) {
    yield until('configure', () => board.configured || !board.onBus);
    if (!board.onBus) return;
    confirmImage(board);
    settleCard(board);
    yield sleep(board, 'confirm', settings.durations.cardWrites);
  }
  board.ready = true;
  yield sleep(board, 'ready', 0);
  board.dirtyMarkIsSet = board.card()?.dirty() ?? false;
}

/** Off the bus for a trigger, for at least `durations.away` (protocol §7.5). */
function* leave(board: Board, call: Call): Work {
  // A failure here is a reset that makes the device leave without acting.
  const outcome = yield sleep(board, 'leave', 0);
  if (board.onBus) board.log('leaves the bus');
  board.onBus = false;
  board.ready = false;
  if (outcome === 'done') yield* act(board, call);
}

function* act(board: Board, call: Call): Work {
  const backMs = board.now() + board.settings.durations.away;
  if (call.kind === 'malformed') {
    board.doneTrigger = call.id;
    answerWithoutActing(board, { nonce: call.nonce, triggerBootCount: null }, rejected('trigger', call.why));
  } else if (call.trigger.install !== null) {
    yield* install(board, call.trigger, call.trigger.install);
  } else if (call.trigger.serial === board.settings.serial) {
    board.journal.write({ ...board.journal.entry(), pingNonce: call.trigger.nonce });
    board.log(`answers the ping ${call.trigger.nonce.slice(0, 8)}`);
  }
  yield sleep(board, 'away', backMs - board.now());
}
