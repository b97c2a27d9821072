import { Targets } from '@tufjs/models';
import { expect, test } from 'vitest';
import { COMPLETE_LIST, isCompleteList } from '../../src/channel/complete-list.ts';

const listWith = (fields: object): Targets => {
  const list = new Targets({ version: 1, specVersion: '1.0.31', expires: '2030-01-01T00:00:00Z' });
  return Targets.fromJSON({ ...list.toJSON(), ...fields });
};

test('a list that says it is complete is read as one after it was written', () => {
  expect(isCompleteList(listWith(COMPLETE_LIST))).toBe(true);
});

test.each([
  ['nothing', {}],
  ['another field', { other: { complete: true } }],
  ['a text', { spacepack: 'complete' }],
  ['null', { spacepack: null }],
  ['the contrary', { spacepack: { complete: false } }],
  ['nearly the same', { spacepack: { complete: 1 } }],
])('a list with %s does not', (_, fields) => {
  expect(isCompleteList(listWith(fields))).toBe(false);
});
