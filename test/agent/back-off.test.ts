import { describe, expect, test } from 'vitest';
import { standingOf } from '../../src/agent/back-off.ts';
import type { JournalEntry } from '../../src/agent/journal-entry.ts';
import { began, ended, PAIR, time } from './an-entry.ts';

const kindOf = (journal: readonly JournalEntry[], minute: number): string =>
  standingOf(journal, PAIR, time(minute)).kind;
const failedOnce = [began(0), ended(1, 'failed-flash')];
const failedTwice = [...failedOnce, began(90), ended(91, 'never-returned')];

describe('a release on a device', () => {
  test.each<[what: string, journal: readonly JournalEntry[], minute: number, kind: string]>([
    ['was never tried', [], 0, 'clear'],
    ['failed a minute ago', failedOnce, 2, 'waiting'],
    ['failed an hour ago', failedOnce, 61, 'clear'],
    ['failed twice', failedTwice, 100_000, 'given-up'],
    ['was rejected twice', [ended(0, 'rejected-crc'), ended(70, 'rejected-crc')], 100_000, 'given-up'],
    ['was refused five times', Array.from({ length: 5 }, (_, i) => ended(i, 'volume-busy')), 20, 'clear'],
    ['was refused a moment ago', [ended(0, 'volume-busy')], 14, 'waiting'],
    ['was cut off twice: the computer crashes each time', [began(0), began(90)], 100_000, 'given-up'],
    ['failed, then succeeded', [...failedOnce, ended(70, 'applied')], 71, 'clear'],
    ['failed under a clock that was far ahead', [ended(500_000, 'failed-flash')], 0, 'clear'],
  ])('%s', (_, journal, minute, kind) => {
    expect(kindOf(journal, minute)).toBe(kind);
  });

  test('is not blamed for what happened to another one', () => {
    const other = { ...PAIR, release: 'fw-1.2.0.dfu', to: '1.2.0+0' };
    expect(standingOf(failedTwice, other, time(92)).kind).toBe('clear');
    expect(standingOf(failedTwice, { ...PAIR, device: 'SP2' }, time(92)).kind).toBe('clear');
  });

  test('under the name of one that failed, but with another version, is another one', () => {
    expect(standingOf(failedTwice, { ...PAIR, to: '1.1.1+0' }, time(92)).kind).toBe('clear');
  });
});
