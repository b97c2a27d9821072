import type { DeviceProfile } from '../profile.ts';

/**
 * mophie's SpacePack, as a registry listing of macOS shows the device: its medium is called `mophie SpacePack Media` there,
 * which macOS joins from INQUIRY's vendor and product and a word of its own (IOBlockStorageDriver::acceptNewMedia).
 */
export const spacepack: DeviceProfile = {
  id: 'spacepack',
  name: 'SpacePack',
  usb: [{ vendorId: 0x19e7, productId: 0x1111 }],
  inquiry: { vendor: 'mophie', product: 'SpacePack' },
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
