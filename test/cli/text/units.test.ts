import { expect, test } from 'vitest';
import { formatBytes, formatDuration } from '../../../src/cli/text/units.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [24_780, '24 KiB'],
  [1_468_006, '1.4 MiB'],
  [67_108_864, '64 MiB'],
  [1_073_700_000, '1.0 GiB'],
  [1_099_511_627_776, '1.0 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, '0:00'],
  [7_900, '0:07'],
  [723_000, '12:03'],
  [3_600_000, '1:00:00'],
  [-5, '0:00'],
])('%d ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
