const CODES = {
  idle: ['none'],
  started: ['none'],
  applied: ['none'],
  rejected: [
    'stale',
    'trigger',
    'length',
    'crc',
    'digest',
    'signature',
    'wrong-device',
    'wrong-hardware',
    'rollback',
    'low-battery',
    'no-space',
  ],
  failed: ['flash', 'verify', 'did-not-start', 'internal'],
  interrupted: ['interrupted'],
} as const;

/** What a device may answer in `State` (protocol §6.2). */
export type DeviceState = keyof typeof CODES;

/** What a device may answer in `Code` (protocol §6.3). */
export type DeviceCode = (typeof CODES)[DeviceState][number];

/**
 * The codes that go with each state (protocol §6.2). Those of refusals and failures have rows in the table of faults.
 */
export const CODES_OF_STATE: Readonly<Record<DeviceState, readonly DeviceCode[]>> = CODES;
