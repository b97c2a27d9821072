import type { DeviceProfile } from '../profile.ts';

/** mophie's SpacePack: ids and media name as macOS lists the device. */
export const spacepack: DeviceProfile = {
  id: 'spacepack',
  name: 'SpacePack',
  usb: [{ vendorId: 0x19e7, productId: 0x1111 }],
  mediaName: 'SpacePack Media',
  model: 'SpacePack',
  folder: 'SPACEPAK',
  files: { info: 'INFO.TXT', status: 'STATUS.TXT', payload: 'UPDATE.BIN', trigger: 'UPDATE.TRG' },
  write: { syncBytes: 1024 * 1024, spareBytes: 256 * 1024 },
  patience: {
    settleMs: 2_000,
    mountMs: 3_000,
    tornMs: 10_000,
    stallMs: 60_000,
    leaveMs: 15_000,
    returnMs: 30_000,
    answerMs: 20_000,
  },
  usualAwayMs: 20_000,
  publicKeys: [],
};
