import { crc32 } from '../checksum.ts';
import type { Commitment, Judgement, Trace } from '../commitment.ts';
import type { DeviceInfo } from '../device-info.ts';
import type { Witnesses } from '../family.ts';
import type { FoundBytes } from '../found.ts';
import { isText, orNull, type Shape, textLike, whole, withFields } from '../shapes.ts';
import type { Details } from './details.ts';
import { type FailType, parseFail } from './fail.ts';

export const ASSERT_PATH = 'ASSERT.TXT';

/** What a probe says, and where its medium was seen: that changes with every attachment, on some systems with every medium. */
export interface Probe extends Details {
  readonly attachment: string;
}

/** What is written; the extension must fit the content, or the probe waits until it gives up. */
export const FIRMWARE_PATHS: { readonly hex: string; readonly bin: string } = {
  hex: 'FIRMWARE.HEX',
  bin: 'FIRMWARE.BIN',
};

/** What stands in a text of the probe: `absent`, `unreadable`, or its checksum. */
type Mark = string;

/** What was there before the commit. */
export interface Before {
  readonly remounts: number | null;
  readonly attachment: string;
  readonly fail: Mark;
  readonly assert: Mark;
}

const isMark = textLike(/^(absent|unreadable|[0-9a-f]{1,8})$/);
export const isBefore: Shape<Before> = withFields<Before>({
  remounts: orNull(whole(0)),
  attachment: isText,
  fail: isMark,
  assert: isMark,
});

const markOf = (found: FoundBytes): Mark => (found.kind === 'intact' ? crc32(found.value).toString(16) : found.kind);
const assertOf = ({ others }: Witnesses): FoundBytes =>
  others.get(ASSERT_PATH) ?? { kind: 'unreadable', why: 'it was not looked for' };

export function before({ remounts, attachment }: Probe, witnesses: Witnesses): Before {
  return { remounts, attachment, fail: markOf(witnesses.answer), assert: markOf(assertOf(witnesses)) };
}

/** Whether the drive came back just once since: the same probe counts on, and one that was started anew begins at 0. */
function cameBack({ remounts: then }: Before, { remounts: now }: Details): 'once' | 'not' | 'otherwise' | 'unknown' {
  if (then === null || now === null) return 'unknown';
  if (now === then) return 'not';
  return now === then + 1 ? 'once' : 'otherwise';
}

/** The first that fits counts: what may be over at the next attempt comes first. */
const BY_TYPE: Readonly<Record<FailType, Judgement>> = {
  transient: { code: 'failed-transfer', next: 'again' },
  target: { code: 'failed-target' },
  interface: { code: 'failed-flash' },
  internal: { code: 'failed-internal' },
  user: { code: 'rejected-image' },
};

/** What a FAIL.TXT means that is about this transfer. */
export function judgeFail(types: readonly FailType[]): Judgement {
  const type = (Object.keys(BY_TYPE) as FailType[]).find((each) => types.includes(each));
  return type === undefined ? { code: 'failed-other' } : BY_TYPE[type];
}

/** A probe that has been started anew has forgotten what became of the transfer; to write it once more is harmless. */
const FORGOTTEN: Judgement = { code: 'no-answer', next: 'again' };

/**
 * Whether the directory is one that this computer has written: the probe shows none of our files after a remount, unless
 * a late write has put an old directory over the new one, with FAIL.TXT in it.
 */
function isOverwritten({ trigger, others }: Witnesses): boolean {
  return [trigger, others.get(FIRMWARE_PATHS.bin)].some((found) => found !== undefined && found.kind !== 'absent');
}

/** What the drive shows that came back once, while a run watched it. */
function judgeOnce({ memory, written }: Commitment<Before>, witnesses: Witnesses): Judgement {
  const { answer } = witnesses;
  if (answer.kind === 'unreadable') return { code: 'no-answer', next: 'wait' };
  if (answer.kind === 'intact') return judgeFail(parseFail(answer.value).types);
  const assert = markOf(assertOf(witnesses));
  if (assert !== 'absent' && assert !== memory.assert) return { code: 'failed-internal' };
  // Half a binary looks like a whole one, and after a pause the probe has given up what came before it.
  return written === 'whole' && !isOverwritten(witnesses) ? { code: 'applied' } : FORGOTTEN;
}

const textOf = (answer: FoundBytes): string => (answer.kind === 'intact' ? parseFail(answer.value).text : '');

/**
 * What became of a commit. The count of remounts is kept in RAM, and everybody who writes to the drive makes it grow:
 * only a run that has watched the drive since its commit may conclude from it.
 */
export function trace(commitment: Commitment<Before>, info: DeviceInfo<Probe>, witnesses: Witnesses): Trace {
  const { memory, written } = commitment;
  const { answer } = witnesses;
  const answered = (judgement: Judgement, detail = ''): Trace => ({
    kind: 'answered',
    testimony: { info, judgement, detail, isNamed: false },
  });
  if (info.mode === 'bootloader') return answered({ code: 'returned-bootloader' });
  switch (cameBack(memory, info.own)) {
    case 'not':
      // A count of 0 is that of a probe that has been started anew, too.
      if (info.own.attachment !== memory.attachment) return answered(FORGOTTEN);
      // A probe shows none of our files, so whether it has the file cannot be seen.
      if (written === undefined || isOverwritten(witnesses)) return { kind: 'waiting' };
      return { kind: 'unreadable', why: 'a drive that does not show what was written to it' };
    case 'otherwise':
      return answered(FORGOTTEN);
    case 'once':
      return written === undefined ? answered(FORGOTTEN) : answered(judgeOnce(commitment, witnesses), textOf(answer));
    case 'unknown':
      return traceUncounted(commitment, info.own, answer, answered);
  }
}

/** Without a count, all that shows something is a FAIL.TXT that was not there before. */
function traceUncounted(
  { memory, written }: Commitment<Before>,
  { attachment }: Probe,
  answer: FoundBytes,
  answered: (judgement: Judgement, detail?: string) => Trace,
): Trace {
  if (written === undefined) return answered(FORGOTTEN);
  if (answer.kind === 'intact' && memory.fail !== 'unreadable' && markOf(answer) !== memory.fail) {
    return answered(judgeFail(parseFail(answer.value).types), textOf(answer));
  }
  if (attachment !== memory.attachment) return answered({ code: 'no-answer' });
  return { kind: 'unreadable', why: 'no count of remounts' };
}
