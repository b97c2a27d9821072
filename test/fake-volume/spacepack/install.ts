import { failed } from './answer.ts';
import type { Board } from './board.ts';
import { withFlippedBit } from './flip.ts';
import type { JournalStep } from './journal.ts';
import { type Judgement, judgePayload } from './judge.ts';
import { answerInstall, startImage } from './start.ts';
import { tell } from './tell.ts';
import type { InstallOrder, Trigger } from './trigger.ts';
import { versionText } from './values.ts';
import { sleep, type Work } from './work.ts';

/** One install, off the bus, from the journal's `accepted` to a refusal, a failure, or an image on trial (protocol §9.2). */
export function* install(board: Board, trigger: Trigger, order: InstallOrder): Work {
  const { durations } = board.settings;
  accept(board, trigger);
  yield sleep(board, 'accept', durations.verify);
  const judgement = judgePayload(board, trigger, order);
  noteImage(board, judgement);
  if (!judgement.ok) return answerInstall(board, judgement.answer);
  board.log(`takes ${versionText(judgement.facts.version)}: length, digests, signature and versions are right`);
  const card = board.card();
  if (card !== null) tell(board, card);
  yield sleep(board, 'announce', durations.cardWrites);
  yield* program(board, judgement.image);
}

function accept(board: Board, trigger: Trigger): void {
  const { running } = board;
  board.journal.write({
    ...board.journal.entry(),
    install: {
      nonce: trigger.nonce,
      triggerBootCount: trigger.bootCount,
      step: 'accepted',
      answer: null,
      from: running.mode === 'application' ? versionText(running.version) : null,
      to: null,
      image: null,
    },
  });
  board.log(`accepts the install ${trigger.nonce.slice(0, 8)} and verifies the payload from the card`);
}

function* program(board: Board, image: Uint8Array): Work {
  const { memory, settings } = board;
  reach(board, 'erasing');
  board.running = { mode: 'bootloader' };
  memory.flash = null;
  board.log('erases the flash memory');
  if ((yield sleep(board, 'erase', settings.durations.erase)) === 'fail') {
    return answerInstall(board, failed('flash', 'the erase was not completed'));
  }
  board.log(`programs ${image.length} bytes`);
  if ((yield sleep(board, 'program', settings.durations.program)) === 'fail') {
    return answerInstall(board, failed('flash', 'a page was not programmed'));
  }
  if ((yield sleep(board, 'finish', 0)) === 'fail') {
    return answerInstall(board, failed('internal', 'the bootloader stopped at a check of its own state'));
  }
  memory.flash = Buffer.from(image);
  memory.flashState = 'trial';
  memory.trialStarts = 0;
  reach(board, 'programmed');
  // A failure here is a cell that does not hold its value.
  if ((yield sleep(board, 'check', 0)) === 'fail') memory.flash = withFlippedBit(image);
  yield* startImage(board);
}

function reach(board: Board, step: JournalStep): void {
  const entry = board.journal.entry();
  if (entry.install !== null) board.journal.write({ ...entry, install: { ...entry.install, step } });
}

function noteImage(board: Board, { facts }: Judgement): void {
  const entry = board.journal.entry();
  if (facts === null || entry.install === null) return;
  board.journal.write({
    ...entry,
    install: { ...entry.install, to: versionText(facts.version), image: facts.hash },
  });
}
