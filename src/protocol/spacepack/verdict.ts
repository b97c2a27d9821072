import type { Commitment, Judgement } from '../commitment.ts';
import type { Mode } from '../device-info.ts';
import { type FaultCode, isFaultCode } from '../faults.ts';
import type { DeviceCode } from './codes.ts';
import type { Info } from './info.ts';
import type { Status } from './status.ts';

/** What this family remembers about a commit, besides what every family keeps (protocol §10.1): when it was. */
export interface Moment {
  readonly bootCount: number;
  readonly session: string;
}

export type Committed = Commitment<Moment>;

/** The three witnesses, read after the return. */
export interface Heard {
  readonly info: Info;
  /** `null`: absent, torn, malformed, or of another boot count than INFO.TXT's. */
  readonly status: Status | null;
  /** `present`: the trigger of this commit is there, intact; `torn`: nothing can act on it any more (protocol §7.2). */
  readonly trigger: 'gone' | 'present' | 'torn';
}

type Running = 'new' | 'old' | 'other' | 'none';
type Answer = 'applied' | 'rejected' | 'failed' | 'started' | 'none' | 'unreadable';

interface Row {
  readonly running: readonly Running[];
  readonly mode: readonly Mode[];
  readonly answer: readonly Answer[];
  readonly trigger?: readonly Heard['trigger'][];
  readonly judge: (code: Status['code']) => Judgement;
}

const ANY_RUNNING = ['new', 'old', 'other', 'none'] as const;
const NOT_NEW = ['old', 'other', 'none'] as const;
const ANY_MODE = ['application', 'bootloader'] as const;
const ANY_ANSWER = ['applied', 'rejected', 'failed', 'started', 'none', 'unreadable'] as const;
const SILENT = ['none', 'unreadable'] as const;

/**
 * The code for an answer of the device (protocol §6.2). Throws a TypeError for a code that does not go with the answer.
 */
export function answerFault(answer: 'rejected' | 'failed', code: DeviceCode | 'other'): FaultCode {
  const fault = `${answer}-${code}`;
  if (!isFaultCode(fault)) throw new TypeError(`no fault for ${fault}`);
  return fault;
}

const rejected = (code: Status['code']): Judgement =>
  code === 'stale' ? { code: answerFault('rejected', code), next: 'again' } : { code: answerFault('rejected', code) };
const failed = (code: Status['code']): Judgement => ({ code: answerFault('failed', code) });
const always = (judgement: Judgement) => (): Judgement => judgement;

/** The table of protocol §10.2, read from the top: the first matching row decides. */
const INSTALL: readonly Row[] = [
  { running: ['new'], mode: ['application'], answer: ['rejected', 'failed'], judge: always({ code: 'contradiction' }) },
  { running: ['new'], mode: ['application'], answer: ANY_ANSWER, judge: always({ code: 'applied' }) },
  { running: NOT_NEW, mode: ANY_MODE, answer: ['rejected'], judge: rejected },
  { running: NOT_NEW, mode: ANY_MODE, answer: ['failed'], judge: failed },
  { running: ANY_RUNNING, mode: ANY_MODE, answer: ['applied'], judge: always({ code: 'contradiction' }) },
  { running: ANY_RUNNING, mode: ANY_MODE, answer: ['started'], judge: always({ code: 'no-answer', next: 'wait' }) },
  {
    running: ['old'],
    mode: ['application'],
    answer: ['none'],
    trigger: ['gone', 'torn'],
    judge: always({ code: 'not-applied', next: 'again' }),
  },
  { running: ['old'], mode: ['application'], answer: SILENT, judge: always({ code: 'no-answer', next: 'wait' }) },
  {
    running: ANY_RUNNING,
    mode: ['bootloader'],
    answer: ['unreadable'],
    judge: always({ code: 'returned-bootloader', next: 'wait' }),
  },
  { running: ANY_RUNNING, mode: ['bootloader'], answer: ['none'], judge: always({ code: 'returned-bootloader' }) },
  {
    running: ANY_RUNNING,
    mode: ANY_MODE,
    answer: ['unreadable'],
    judge: always({ code: 'returned-other', next: 'wait' }),
  },
  { running: ANY_RUNNING, mode: ANY_MODE, answer: ANY_ANSWER, judge: always({ code: 'returned-other' }) },
];

const ANSWERS: Readonly<Record<Status['state'], Answer>> = {
  idle: 'none',
  other: 'unreadable',
  started: 'started',
  applied: 'applied',
  rejected: 'rejected',
  failed: 'failed',
  interrupted: 'failed',
};

function runningOf({ newImage, oldImage }: Committed, info: Info): Running {
  if (info.image === null) return 'none';
  if (info.image === newImage) return 'new';
  return info.image === oldImage ? 'old' : 'other';
}

function judgePing({ nonce }: Committed, { status, trigger }: Heard): Judgement {
  if (status?.pingNonce === nonce) return { code: 'ping-answered' };
  // protocol §10.3
  if (status !== null && trigger !== 'present') return { code: 'ping-unanswered', next: 'again' };
  return { code: 'ping-unanswered', next: 'wait' };
}

/**
 * Judges how a commit ended, from three witnesses (protocol §10.2). Their boot count must be greater than the
 * commitment's; else there is nothing to judge, and this throws a TypeError.
 */
export function judge(commitment: Committed, heard: Heard): Judgement {
  const { info, status, trigger } = heard;
  if (info.bootCount <= commitment.memory.bootCount) throw new TypeError('judged before the return');
  if (commitment.action === 'ping') return judgePing(commitment, heard);

  const running = runningOf(commitment, info);
  const mine = status !== null && status.nonce === commitment.nonce;
  const answer = status === null ? 'unreadable' : mine ? ANSWERS[status.state] : 'none';
  for (const row of INSTALL) {
    const fits =
      row.running.includes(running) &&
      row.mode.includes(info.mode) &&
      row.answer.includes(answer) &&
      (row.trigger === undefined || row.trigger.includes(trigger));
    if (fits) return row.judge(status?.code ?? 'none');
  }
  throw new TypeError('the table of verdicts has no last row');
}
