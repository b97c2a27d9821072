import { describe, expect, test } from 'vitest';
import { acceptedIn, withAccepted } from '../../../src/cli/device/accepted.ts';
import { type Result, resultOf } from '../../../src/cli/talk/result.ts';
import { resultText } from '../../../src/cli/talk/result-text.ts';
import { sumUp } from '../../../src/cli/talk/sum-up.ts';
import type { FaultCode } from '../../../src/protocol/faults.ts';

const ended = (code: FaultCode): Result => withAccepted(resultOf(code, { device: code }), acceptedIn(['received']));

describe('--accept', () => {
  test.each(['applied', 'rewritten-last', 'never-left', '', 'Received'])('%j is no code to accept', (code) => {
    expect(() => acceptedIn(['received', code])).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  test('received is accepted, in words of its own, and stays without proof', () => {
    expect(ended('received')).toMatchObject({ verdict: 'indeterminate', code: 'received', exit: 0, accepted: true });
    expect(ended('received').message).toContain('it is not proven');
    expect(JSON.stringify(resultText(ended('received')))).toContain('received, exit status 0');
  });

  test.each(['rewritten-last', 'left-while-writing', 'flash-differs', 'applied'] as const)('%s is as ever', (code) => {
    expect(ended(code)).toEqual(resultOf(code, { device: code }));
  });

  test('without it, received is no success', () => {
    expect(withAccepted(resultOf('received'), acceptedIn(undefined))).toEqual(resultOf('received'));
  });
});

describe('of several devices', () => {
  test.each([
    [['received', 'applied'], 'received', 0, 'mixed', true],
    [['received', 'received'], 'received', 0, 'indeterminate', true],
    [['received', 'volume-full'], 'volume-full', 6, 'mixed', undefined],
    [['received', 'never-left'], 'never-left', 9, 'indeterminate', undefined],
    [['received', 'flash-differs'], 'flash-differs', 8, 'mixed', undefined],
  ] as const)('%j: %s, exit %i', (codes, code, exit, verdict, accepted) => {
    const sum = sumUp(codes.map(ended));
    expect([sum.code, sum.exit, sum.verdict, sum.accepted]).toEqual([code, exit, verdict, accepted]);
    expect(sum.message).toContain('indeterminate (received, accepted)');
  });
});
