import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EVENTS_VERSION } from '../../../src/cli/talk/events.ts';
import { FAULTS } from '../../../src/protocol/faults.ts';
import { parseEvent } from '../harness.ts';

const schema = JSON.parse(readFileSync(new URL('../../../schema/events.schema.json', import.meta.url), 'utf8'));

test('the schema knows every code of the table and no other', () => {
  expect([...schema.$defs.code.enum].sort()).toEqual(Object.keys(FAULTS).sort());
});

test('the schema knows every exit status and verdict', () => {
  const faults = Object.values(FAULTS);
  expect(new Set(schema.$defs.exit.enum)).toEqual(new Set(faults.map(({ exit }) => exit)));
  expect(new Set(schema.$defs.verdict.enum)).toEqual(new Set(['mixed', ...faults.map(({ verdict }) => verdict)]));
});

test('the schema is of the version that the events say', () => {
  expect(schema.$defs.common.properties.v.const).toBe(EVENTS_VERSION);
});

test.each([
  ['an unknown event', { v: 1, event: 'surprise', elapsedMs: 0, device: null }],
  ['an event without a version', { event: 'simulated', elapsedMs: 0, device: null, message: '' }],
  ['a field that nobody documented', { v: 1, event: 'simulated', elapsedMs: 0, device: null, message: '', more: 1 }],
  ['a result without a verdict', { v: 1, event: 'result', elapsedMs: 0, device: null, devices: [] }],
])('%s is not in the schema', (_, event) => {
  expect(() => parseEvent(JSON.stringify(event))).toThrow('not in the schema');
});
