/** protocol §6.3 */
export const DEVICE_CODES = [
  'none',
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
  'flash',
  'verify',
  'did-not-start',
  'interrupted',
  'internal',
] as const;

export type DeviceCode = (typeof DEVICE_CODES)[number];
