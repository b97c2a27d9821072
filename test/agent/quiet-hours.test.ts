import { expect, test } from 'vitest';
import { formatQuietHours, hoursBetweenRuns, isQuiet, parseQuietHours } from '../../src/agent/quiet-hours.ts';

const at = (hour: number, minute: number): Date => new Date(2026, 0, 1, hour, minute);

test.each([
  ['22:00-07:00', 22, 0, true],
  ['22:00-07:00', 21, 59, false],
  ['22:00-07:00', 3, 0, true],
  ['22:00-07:00', 6, 59, true],
  ['22:00-07:00', 7, 0, false],
  ['09:30-10:00', 9, 29, false],
  ['09:30-10:00', 9, 30, true],
  ['09:30-10:00', 10, 0, false],
])('with %s it is at %d:%d quiet: %s', (text, hour, minute, expected) => {
  expect(isQuiet(parseQuietHours(text), at(hour, minute))).toBe(expected);
});

test('without quiet hours none is', () => {
  expect(isQuiet(null, at(3, 0))).toBe(false);
});

test.each(['', '22-07', '24:00-07:00', '22:60-07:00', '22:00–07:00', '07:00-07:00', ' 22:00-07:00', '22:00-07:00\n'])(
  '%j are none',
  (text) => {
    expect(parseQuietHours(text)).toBeNull();
  },
);

test('what is read is written the same', () => {
  const quiet = parseQuietHours('22:05-07:00');
  expect(quiet && formatQuietHours(quiet)).toBe('22:05-07:00');
});

test.each([
  [24, null, 24],
  [24, '22:00-07:00', 15],
  [6, '22:00-07:00', 6],
  [24, '00:00-23:30', 1],
])('every %d hours with %s: a run every %d hours falls outside of them', (wanted, text, expected) => {
  expect(hoursBetweenRuns(wanted, text === null ? null : parseQuietHours(text))).toBe(expected);
});
