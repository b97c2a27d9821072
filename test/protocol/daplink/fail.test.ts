import { expect, test } from 'vitest';
import { parseFail } from '../../../src/protocol/daplink/fail.ts';

const parse = (text: string) => parseFail(Buffer.from(text, 'latin1'));

test('two lines: what, and whose fault', () => {
  expect(parse('error: The transfer timed out.\r\ntype: transient, user\r\n')).toEqual({
    text: 'The transfer timed out.',
    types: ['transient', 'user'],
  });
});

test('one line, as old firmware and forks write it, says what and no more', () => {
  const text = 'The interface firmware FAILED to reset/halt the target MCU';
  expect(parse(`${text}\r\n`)).toEqual({ text, types: [] });
});

test('a type that nobody knows is left out', () => {
  expect(parse('error: x\r\ntype: cosmic, Target\r\n').types).toEqual(['target']);
});

test('words in the text are no type', () => {
  expect(parse('error: a transient, user\r\n').types).toEqual([]);
});

test('an empty file says nothing', () => {
  expect(parse('')).toEqual({ text: '', types: [] });
});
