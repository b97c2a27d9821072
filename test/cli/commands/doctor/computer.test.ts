import { describe, expect, test } from 'vitest';
import { checkNode, checkPlatform } from '../../../../src/cli/commands/doctor/computer.ts';

test.each([
  ['v20.19.0', 'good'],
  ['v24.0.0', 'good'],
  ['v20.18.9', 'broken'],
  ['v18.20.0', 'broken'],
  ['v22.12.0', 'good'],
  ['v22.11.0', 'broken'],
])('Node.js %s is %s', (version, state) => {
  expect(checkNode(version)).toMatchObject({ state });
});

describe('what nobody has seen is said', () => {
  test.each(['linux', 'darwin', 'win32'] as const)('%s', (platform) => {
    expect(checkPlatform(platform)).toContainEqual(expect.objectContaining({ topic: 'unproven', state: 'note' }));
  });

  test('another system is broken', () => {
    expect(checkPlatform('aix')).toMatchObject([{ state: 'broken' }]);
  });
});
