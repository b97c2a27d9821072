/** What a device may answer in `Code` (protocol §6.3). */
export type DeviceCode =
  | 'none'
  | 'stale'
  | 'trigger'
  | 'length'
  | 'crc'
  | 'digest'
  | 'signature'
  | 'wrong-device'
  | 'wrong-hardware'
  | 'rollback'
  | 'low-battery'
  | 'no-space'
  | 'flash'
  | 'verify'
  | 'did-not-start'
  | 'interrupted'
  | 'internal';

/** What a device may answer in `State` (protocol §6.2). */
export type DeviceState = 'idle' | 'started' | 'applied' | 'rejected' | 'failed' | 'interrupted';

/** The codes that go with each state (protocol §6.2). */
export const CODES_OF_STATE: Readonly<Record<DeviceState, readonly DeviceCode[]>> = {
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
};
