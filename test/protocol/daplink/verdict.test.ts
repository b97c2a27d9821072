import { describe, expect, test } from 'vitest';
import { parseDetails } from '../../../src/protocol/daplink/details.ts';
import { daplink } from '../../../src/protocol/daplink/family.ts';
import { type Before, before, judgeFail, type Probe, trace } from '../../../src/protocol/daplink/verdict.ts';
import type { Witnesses } from '../../../src/protocol/family.ts';
import type { FoundBytes } from '../../../src/protocol/found.ts';
import type { Drive } from '../../../src/protocol/sight.ts';

const absent: FoundBytes = { kind: 'absent', why: '' };
const said = (text: string): FoundBytes => ({ kind: 'intact', value: Buffer.from(text) });
const witnesses = (fail: FoundBytes = absent, assert: FoundBytes = absent): Witnesses => ({
  answer: fail,
  trigger: absent,
  others: new Map([['ASSERT.TXT', assert]]),
});

function infoOf(count: number | null, attachment = 'a', mode = 'Interface') {
  const counted = count === null ? '' : `Remount count: ${count}\n`;
  const bytes = Buffer.from(`Unique ID: 1\nDaplink Mode: ${mode}\n${counted}`);
  const parsed = daplink.parseInfo(bytes, { attachment } as Drive);
  if (parsed.kind !== 'intact' || parseDetails(bytes).kind !== 'intact') throw new TypeError('malformed');
  return parsed.value as ReturnType<typeof Object.assign> & { readonly own: Probe };
}

const commitment = (memory: Before, written?: 'whole' | 'doubtful') => ({
  action: 'install' as const,
  serial: '1',
  nonce: '0'.repeat(32),
  newImage: 'x',
  oldImage: null,
  memory,
  ...(written && { written }),
});
const was = (count: number | null, there = witnesses()) => before(infoOf(count).own, there);
const codeOf = (result: ReturnType<typeof trace>) =>
  result.kind === 'answered' ? result.testimony.judgement.code : result.kind;

describe('what became of a commit', () => {
  test.each([
    ['the count is one more', 3, 4, 'applied'],
    ['the count is the same: what was written to it is not shown', 3, 3, 'unreadable'],
    ['the count is two more: somebody else was there', 3, 5, 'no-answer'],
    ['the count began anew', 3, 0, 'no-answer'],
    ['no count is known', null, null, 'unreadable'],
    ['the count is no longer known', 3, null, 'unreadable'],
  ])('%s', (_, then, now, expected) => {
    expect(codeOf(trace(commitment(was(then), 'whole'), infoOf(now), witnesses()))).toBe(expected);
  });

  test('a count of 0 after 0 at another attachment is that of a probe that was started anew', () => {
    expect(codeOf(trace(commitment(was(0), 'whole'), infoOf(0, 'b'), witnesses()))).toBe('no-answer');
  });

  test('a run that did not watch concludes nothing from the count, for good or bad', () => {
    expect(codeOf(trace(commitment(was(3)), infoOf(4), witnesses()))).toBe('no-answer');
    const fail = witnesses(said('error: x\r\ntype: target\r\n'));
    expect(codeOf(trace(commitment(was(3)), infoOf(4), fail))).toBe('no-answer');
    expect(codeOf(trace(commitment(was(null)), infoOf(null), fail))).toBe('no-answer');
  });

  test('what was not written whole may be half of it, and is never called applied', () => {
    expect(codeOf(trace(commitment(was(3), 'doubtful'), infoOf(4), witnesses()))).toBe('no-answer');
  });

  test('a directory that shows our own file is an old one, which may hide a FAIL.TXT', () => {
    const hex = { ...witnesses(), trigger: said(':') };
    expect(codeOf(trace(commitment(was(3), 'whole'), infoOf(4), hex))).toBe('no-answer');
    const bin = {
      ...witnesses(),
      others: new Map([
        ['ASSERT.TXT', absent],
        ['FIRMWARE.BIN', said('')],
      ]),
    };
    expect(codeOf(trace(commitment(was(3), 'whole'), infoOf(4), bin))).toBe('no-answer');
  });

  test('an assertion counts only if it is new', () => {
    const assert = said('Assert\r\nFile: a.c\r\nLine: 1\r\n');
    expect(codeOf(trace(commitment(was(3), 'whole'), infoOf(4), witnesses(absent, assert)))).toBe('failed-internal');
    const memory = was(3, witnesses(absent, assert));
    expect(codeOf(trace(commitment(memory, 'whole'), infoOf(4), witnesses(absent, assert)))).toBe('applied');
  });

  test('without a count, only a FAIL.TXT that was not there says something', () => {
    const old = witnesses(said('It failed'));
    expect(codeOf(trace(commitment(was(null, old), 'whole'), infoOf(null), old))).toBe('unreadable');
    expect(codeOf(trace(commitment(was(null), 'whole'), infoOf(null), old))).toBe('failed-other');
    const unread = witnesses({ kind: 'unreadable', why: 'EIO' });
    expect(codeOf(trace(commitment(was(null, unread), 'whole'), infoOf(null), old))).toBe('unreadable');
  });

  test('a FAIL.TXT that cannot be read is waited for', () => {
    const unread = witnesses({ kind: 'unreadable', why: 'EIO' });
    expect(trace(commitment(was(3), 'whole'), infoOf(4), unread)).toMatchObject({
      testimony: { judgement: { code: 'no-answer', next: 'wait' } },
    });
  });

  test('in its bootloader a probe programs nothing else', () => {
    const now = infoOf(4, 'a', 'Bootloader');
    expect(codeOf(trace(commitment(was(3), 'whole'), now, witnesses()))).toBe('returned-bootloader');
  });
});

test.each([
  [['transient', 'user'], 'failed-transfer', 'again'],
  [['transient'], 'failed-transfer', 'again'],
  [['target'], 'failed-target', undefined],
  [['interface'], 'failed-flash', undefined],
  [['internal'], 'failed-internal', undefined],
  [['user'], 'rejected-image', undefined],
  [[], 'failed-other', undefined],
] as const)('FAIL.TXT of the types %j', (types, code, next) => {
  expect(judgeFail(types)).toEqual({ code, ...(next && { next }) });
});

test('a memory is read back whole, or not at all', () => {
  const memory = was(3);
  expect(daplink.parseMemory(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
  for (const key of Object.keys(memory)) expect(daplink.parseMemory({ ...memory, [key]: {} })).toBe(null);
});
