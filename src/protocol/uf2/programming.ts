import type { Judgement } from '../commitment.ts';
import type { Programmed, Programming } from '../family.ts';
import { toHex } from '../hex.ts';
import type { StepResult, Working } from '../steps.ts';
import { UF2_BLOCK_BYTES } from './block.ts';
import { compareUf2 } from './compare.ts';
import { comparePages, type Uf2Comparison } from './current.ts';
import { UF2_PAGE_BYTES } from './family-image.ts';
import type { Uf2Memory } from './memory.ts';
import { blockOfPage, type Uf2Page } from './pages.ts';
import { planFor, type Uf2Board, type Uf2Plan } from './plan.ts';
import { programRp2, surveyRp2 } from './rp2.ts';

type PagesPlan = Extract<Uf2Plan, { way: 'pages' }>;
type ProvenPlan = PagesPlan & { readonly proof: NonNullable<PagesPlan['proof']> };

/** How often pages that differ are written again. */
const MOST_REPAIRS = 3;

/** Blocks of a plan as files of their own names; files of an earlier run may still be in this computer's cache. */
interface Sender {
  send(pages: readonly (readonly [number, Uf2Page])[]): Working<StepResult>;
}

function createSender({ kind, familyId, pages: { length } }: PagesPlan, nonce: string): Sender {
  const count = kind.sending === 'one-more' ? length + 1 : 0;
  let files = 0;
  return {
    *send(pages) {
      const bytes = new Uint8Array(pages.length * UF2_BLOCK_BYTES);
      for (const [place, [number, page]] of pages.entries()) {
        bytes.set(blockOfPage(page, { number, count, familyId }), place * UF2_BLOCK_BYTES);
      }
      const totalBytes = bytes.length;
      yield { do: 'progress', step: 'write', doneBytes: 0, totalBytes };
      const path = `${nonce.slice(0, 6).toUpperCase()}${files++}.UF2`;
      const result = yield { do: 'write', path, bytes };
      if (result.kind === 'done') yield { do: 'progress', step: 'write', doneBytes: totalBytes, totalBytes };
      return result;
    },
  };
}

/** The block that completes the count: nothing but this one has been counted, or all others have. */
function committing({ kind, familyId, pages }: PagesPlan, index: number): Uint8Array {
  const page = pages[index];
  if (page === undefined) throw new TypeError('there is no page to commit with');
  const { length } = pages;
  const place = kind.sending === 'one-more' ? { number: length, count: length + 1 } : { number: 0, count: 1 };
  return blockOfPage(page, { ...place, familyId });
}

function judged(code: Judgement['code'], detail: string): Judgement {
  return { code, detail };
}

function differs({ pages }: PagesPlan, differing: readonly number[], why: string | null): Judgement {
  const address = toHex(pages[differing[0] ?? 0]?.address ?? 0, 8);
  const found = `Expected ${pages.length} pages of 256 bytes as written, found ${differing.length} others, the first at ${address}.`;
  return judged('flash-differs', why === null ? found : `${found} ${why}`);
}

/**
 * Writes all pages but the first one, proves them, writes that one too, and proves all; if they are there already, only
 * proves them once no page of another image, which the commit would write, is left in RAM. `null`: all is proven.
 */
function* programProven(plan: ProvenPlan, nonce: string, isThere: boolean): Working<Judgement | null> {
  const { kind, pages, proof } = plan;
  const sender = createSender(plan, nonce);
  const numbered = pages.map((page, index) => [index, page] as const);
  const [first, ...rest] = numbered;
  if (first === undefined) throw new TypeError('there are no pages to write');
  const copies = [proof.high, proof.low].flatMap((index) => numbered.slice(index, index + 1));
  let trouble: string | null = null;
  let last: Uf2Comparison | null = null;

  function* write(part: readonly (readonly [number, Uf2Page])[]): Working<void> {
    const result = yield* sender.send(part);
    if (result.kind === 'failed') trouble = result.why;
  }
  function* compare(): Working<Uf2Comparison | string> {
    const compared = yield* comparePages(proof.current, pages);
    const totalBytes = pages.length * UF2_PAGE_BYTES;
    yield { do: 'progress', step: 'verify', doneBytes: totalBytes, totalBytes };
    if (typeof compared !== 'string') last = compared;
    return compared;
  }
  /** The page holds what it held before, and not what was written. */
  function isUntouched(index: number): boolean {
    const [before, now] = [plan.shown.get(index), last?.shown.get(index)];
    return before !== undefined && now?.every((byte, at) => byte === before[at]) === true;
  }
  /** The pages that are not as they should be, once none can be hidden in the board's RAM. */
  function* unproven(except: readonly number[]): Working<readonly number[] | string> {
    for (const isLast of [false, true]) {
      const compared = yield* compare();
      if (typeof compared === 'string') return compared;
      const wrong = [...compared.differing, ...compared.missing].filter((index) => !except.includes(index));
      if (wrong.length === 0 || isLast || kind.proof === 'cells') return wrong;
      yield* write(copies);
    }
    return [];
  }
  function* settle(except: readonly number[]): Working<Judgement | null> {
    for (let repairs = 0; ; repairs++) {
      const wrong = yield* unproven(except);
      if (typeof wrong === 'string') return judged('flash-unread', wrong);
      if (wrong.length === 0) return null;
      // A page that is as it was may have been written in vain, all cannot. Erased or half programmed is not untouched.
      const tookNothing = wrong.length >= pages.length - except.length && wrong.every(isUntouched);
      if (repairs === MOST_REPAIRS) {
        return except.length > 0 && tookNothing && trouble === null
          ? judged('nothing-taken', `Expected ${wrong.length} pages to change, found none that had.`)
          : differs(plan, wrong, trouble);
      }
      yield* write(numbered.filter(([index]) => wrong.includes(index)));
      // The copies push out what was repaired, and leave the committing page as the last one.
      if (kind.proof !== 'cells') yield* write(copies);
    }
  }

  if (isThere) {
    if (kind.proof === 'cells') return null;
    yield* write(copies);
    return yield* settle([]);
  }
  const empty = { ...first[1], bytes: new Uint8Array(UF2_PAGE_BYTES).fill(0xff) };
  yield* write(kind.canDisarm ? [[0, empty], ...rest] : rest);
  const early = yield* settle([0]);
  if (early !== null) return early;
  yield* write(kind.proof === 'cells' ? [first] : [first, ...copies]);
  return yield* settle([]);
}

/** Where nothing can be read: the board has received all of it, as far as USB says, before it is asked to leave. */
function* programUnproven(plan: PagesPlan, nonce: string): Working<Judgement | null> {
  const sender = createSender(plan, nonce);
  const result = yield* sender.send(plan.pages.map((page, index) => [index, page] as const));
  return result.kind === 'failed' ? judged('flash-unread', result.why) : null;
}

/** Makes a board forget blocks of a transfer that broke off: it would skip their numbers. Writes nothing. */
function* forgetEarlier(
  { first, familyId }: Extract<Uf2Plan, { way: 'as-is' }>,
  nonce: string,
): Working<Judgement | null> {
  if (first === null) return null;
  const bytes = blockOfPage(first, { number: 0, count: 0, familyId });
  const result = yield { do: 'write', path: `${nonce.slice(0, 6).toUpperCase()}0.UF2`, bytes };
  return result.kind === 'failed' ? judged('flash-unread', result.why) : null;
}

/** TinyUF2 and its kin restart within the write of the last block; uf2-samdx1 waits so that the write ends first. */
const leavesAtOnce = ({ kind }: PagesPlan): boolean => kind.sending === 'uncounted';

const received: Uf2Memory = { proven: 'no' };

export const uf2Programming: Programming<Uf2Board, Uf2Memory> = {
  *survey(image, { own }, isUnfinished) {
    const plan = yield* planFor(image, own);
    const isThere =
      plan.way === 'pages'
        ? plan.unread === null && plan.shown.size === 0 && !plan.kind.commitMarks
        : plan.shown !== null && (yield* surveyRp2(plan.shown)) === 'current';
    return isThere && !isUnfinished ? 'current' : 'fits';
  },
  compare: compareUf2,
  *program(image, { own }, nonce): Working<Programmed<Uf2Memory> | Judgement> {
    const plan = yield* planFor(image, own);
    const shown = plan.way === 'as-is' && plan.shown !== null ? yield* programRp2(plan.shown) : 'unproven';
    if (shown !== 'unproven') return 'code' in shown ? shown : { ...shown, memory: { proven: 'all' } };
    if (plan.way === 'as-is') return (yield* forgetEarlier(plan, nonce)) ?? { trigger: null, memory: received };
    const { proof } = plan;
    if (proof === null) {
      const trigger = committing(plan, plan.pages.length > 1 ? 1 : 0);
      return (
        (yield* programUnproven(plan, nonce)) ?? {
          trigger,
          memory: { proven: 'no', isSent: true },
          leavesAtOnce: leavesAtOnce(plan),
        }
      );
    }
    // What is there already needs the commit alone, but where all have to be counted.
    const isThere = plan.shown.size === 0 && plan.kind.sending !== 'one-more';
    const judgement = yield* programProven({ ...plan, proof }, nonce, isThere);
    const memory: Uf2Memory = { proven: plan.kind.proof === 'rewritten' ? 'until-commit' : 'all' };
    return judgement ?? { trigger: committing(plan, proof.low), memory, leavesAtOnce: leavesAtOnce(plan) };
  },
};
