import type { Scenario } from './scenario.ts';

const ANSWERED = { verdict: 'unchanged', code: 'ping-answered' } as const;

/** Pings: the whole path, and nothing is changed (protocol §7.7). */
export const pings: readonly Scenario[] = [
  {
    name: 'ping',
    title: 'The device leaves for a ping, and echoes it.',
    action: 'ping',
    expected: ANSWERED,
    again: ANSWERED,
  },
  {
    name: 'ping-bootloader',
    title: 'A bootloader without an application echoes a ping.',
    action: 'ping',
    devices: [{ runs: null }],
    expected: ANSWERED,
  },
  {
    name: 'ping-low-battery',
    title: 'A device with an empty battery echoes a ping, and its reading is fresh.',
    action: 'ping',
    devices: [{ battery: 3 }],
    expected: ANSWERED,
  },
  {
    name: 'ping-resets-once',
    title: 'The device resets instead of echoing; the host starts over.',
    action: 'ping',
    devices: [{ troubles: [{ at: 'leave', visits: [1], outcome: 'fail' }] }],
    expected: ANSWERED,
  },
  {
    name: 'ping-unanswered',
    title: 'The device resets instead of echoing, each time.',
    action: 'ping',
    devices: [{ troubles: [{ at: 'leave', outcome: 'fail' }] }],
    expected: { verdict: 'indeterminate', code: 'ping-unanswered' },
  },
  {
    name: 'ping-held-volume',
    title: 'Another program holds the volume of a device that is pinged.',
    action: 'ping',
    devices: [{ heldBy: 'a photo program' }],
    expected: ANSWERED,
  },
];
