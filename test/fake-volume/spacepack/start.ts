import { type Answer, failed } from './answer.ts';
import type { Board } from './board.ts';
import { type ImageFacts, readImage } from './image/format.ts';
import { versionText } from './values.ts';
import { sleep, type Work } from './work.ts';

// protocol §9.6
const TRIAL_STARTS = 3;

/** Writes the answer of the install at hand into the journal. */
export function answerInstall(board: Board, answer: Answer): void {
  const entry = board.journal.entry();
  if (entry.install === null) return;
  board.journal.write({ ...entry, install: { ...entry.install, answer } });
  board.log(`answers ${answer.state}, ${answer.code}${answer.detail === '' ? '' : `: ${answer.detail}`}`);
}

/** Power returned: settles what the loss cut short (protocol §9.6), then starts what the flash memory holds. */
export function* powerUp(board: Board): Work {
  const { install } = board.journal.entry();
  if (install !== null && install.answer === null && install.step === 'accepted') {
    // The boot count will step, so this trigger is of another session by now; nothing was erased.
    answerInstall(board, { state: 'rejected', code: 'stale', detail: 'power was lost before anything was erased' });
  }
  if (install !== null && install.answer === null && install.step === 'erasing') {
    board.memory.flash = null;
    answerInstall(board, { state: 'interrupted', code: 'interrupted', detail: 'power was lost after the erase began' });
  }
  yield* startImage(board);
}

/** Starts the image, on trial or confirmed; the bootloader stays if there is none that may run. */
export function* startImage(board: Board): Work {
  const { memory, settings } = board;
  board.running = { mode: 'bootloader' };
  for (;;) {
    const image = soundImage(board);
    if (image === null) return;
    if (memory.flashState === 'trial' && memory.trialStarts >= TRIAL_STARTS) {
      memory.flashState = 'refused';
      answerInstall(board, failed('did-not-start', `not confirmed in ${TRIAL_STARTS} starts`));
      return;
    }
    if (memory.flashState === 'trial') memory.trialStarts += 1;
    board.log(`starts ${versionText(image.version)}${memory.flashState === 'trial' ? ' on trial' : ''}`);
    // A failure here is a crash of the new image before it attaches.
    if ((yield sleep(board, 'start', settings.durations.start)) === 'fail' && memory.flashState === 'trial') continue;
    board.running = { mode: 'application', version: image.version, hash: image.hash };
    return;
  }
}

/** The flash memory's image after its own check (protocol §8.5); `null`: the bootloader must stay. */
function soundImage(board: Board): ImageFacts | null {
  const { memory } = board;
  const image = memory.flash === null ? null : readImage(memory.flash);
  if (memory.flashState === 'refused' || memory.flash === null) return null;
  if (image?.hashIsRight === true) return image;
  board.log('the flash memory fails its check');
  if (board.journal.entry().install?.answer === null) {
    answerInstall(board, failed('verify', 'the flash memory does not hold what was written'));
  }
  return null;
}

/** A host has configured the new image: it stays, and the security floor follows (protocol §8.4, §9.6). */
export function confirmImage(board: Board): void {
  const { memory } = board;
  const image = memory.flash === null ? null : readImage(memory.flash);
  const entry = board.journal.entry();
  if (image === null || entry.install === null) return;
  const answer = { state: 'applied', code: 'none', detail: '' } as const;
  board.journal.write({ ...entry, install: { ...entry.install, step: 'confirmed', answer } });
  memory.securityFloor = Math.max(memory.securityFloor, image.securityCounter);
  memory.flashState = 'confirmed';
  board.log(`confirms ${versionText(image.version)}: a host has configured it`);
}
