import { expect, test } from 'vitest';
import { resultOf } from '../../../src/cli/talk/result.ts';
import { resultText, shortResultText } from '../../../src/cli/talk/result-text.ts';

test('where no version was told, it is not said that there was no firmware', () => {
  const result = resultOf('applied', { device: 'BOARD1', from: null, to: '1.2.0+0' });
  const told = JSON.stringify([resultText(result), shortResultText(result)]);
  expect(told).toContain('unknown firmware -> 1.2.0+0');
  expect(told).not.toContain('no firmware');
});
