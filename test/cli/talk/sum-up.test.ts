import { describe, expect, test } from 'vitest';
import { resultOf } from '../../../src/cli/talk/result.ts';
import { sumUp } from '../../../src/cli/talk/sum-up.ts';
import type { FaultCode } from '../../../src/protocol/faults.ts';

const cases: readonly (readonly [codes: readonly FaultCode[], worst: FaultCode])[] = [
  [['applied'], 'applied'],
  [['applied', 'already-current'], 'applied'],
  [['applied', 'battery-low'], 'battery-low'],
  [['device-locked', 'unexpected'], 'unexpected'],
  [['battery-low', 'rejected-signature'], 'rejected-signature'],
  [['rejected-signature', 'never-returned'], 'never-returned'],
  [['never-returned', 'failed-flash'], 'failed-flash'],
];

describe('of several devices the one that needs a person most decides', () => {
  test.each(cases)('%j: %s', (codes, worst) => {
    for (const order of [codes, [...codes].reverse()]) {
      const sum = sumUp(order.map((code, index) => resultOf(code, { device: `SP${index}` })));
      expect(sum.code).toBe(worst);
      expect(sum.devices.map(({ code }) => code)).toEqual(order);
    }
  });
});

test('a sum is a sum: nothing is claimed that no device showed', () => {
  const ends = [
    resultOf('volume-full', { device: 'SP2', oldFirmware: 'runs', message: 'Expected 5 bytes free, found 1.' }),
    resultOf('applied', { device: 'SP0', oldFirmware: 'replaced' }),
    resultOf('applied', { device: 'SP1', oldFirmware: 'replaced' }),
  ];
  expect(sumUp(ends)).toMatchObject({
    verdict: 'mixed',
    code: 'volume-full',
    exit: 6,
    oldFirmware: null,
    device: null,
    message: '3 devices: 1 refused (volume-full), 2 applied. SP2: Expected 5 bytes free, found 1.',
  });
  expect(sumUp(ends.slice(1))).toMatchObject({ verdict: 'applied', message: '2 devices: 2 applied.' });
});

test('one device is told of as it is', () => {
  const end = resultOf('applied', { device: 'SP1', from: '1.0.0+0', to: '2.0.0+0' });
  expect(sumUp([end])).toEqual({ ...end, devices: [end] });
});
