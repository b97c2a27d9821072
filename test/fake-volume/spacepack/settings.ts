import { testKeyPair } from './image/build.ts';

/** How long the parts of an install take, in ms. */
export interface Durations {
  /** From power on the bus, or from the end of an install, to the attach. */
  readonly attach: number;
  /** Least time off the bus after the device left by itself; protocol §7.5 asks for 1000. */
  readonly away: number;
  /** Reading and verifying the payload. */
  readonly verify: number;
  readonly erase: number;
  readonly program: number;
  /** One start of an image, up to the point where a bad one crashes. */
  readonly start: number;
  /** Writing to the card while not ready. */
  readonly cardWrites: number;
}

/** What is fixed when a device is built, and what its maker chose. */
export interface DeviceSettings {
  readonly protocol: number;
  readonly model: string;
  readonly serial: string;
  readonly vendorId: number;
  readonly productId: number;
  /** What it says in SCSI INQUIRY: at most 8 and 16 letters. */
  readonly vendor: string;
  readonly product: string;
  /** Hardware revision as INFO.TXT and the USB descriptor tell it. */
  readonly hardware: number;
  /** What the device compares a suffix with; differs from `hardware` only in a device that was built wrong. */
  readonly boardRevision: number;
  readonly batteryMinPercent: number;
  readonly quietMs: number;
  readonly quietDirtyMs: number;
  readonly maxAwayMs: number;
  readonly maxPayloadBytes: number;
  readonly flashBytes: number;
  /** Public keys that the device trusts, PEM (SubjectPublicKeyInfo, Ed25519). */
  readonly trustedKeys: readonly string[];
  readonly durations: Durations;
}

const MIB = 1024 * 1024;

/** A SpacePack as its maker ships it, but that it trusts the test key. */
export const DEFAULT_SETTINGS: DeviceSettings = {
  protocol: 1,
  model: 'SpacePack',
  serial: 'SP00000001',
  vendorId: 0x19e7,
  productId: 0x1111,
  vendor: 'mophie',
  product: 'SpacePack',
  hardware: 0x0100,
  boardRevision: 0x0100,
  batteryMinPercent: 30,
  quietMs: 1_500,
  quietDirtyMs: 40_000,
  maxAwayMs: 120_000,
  maxPayloadBytes: 64 * MIB,
  flashBytes: 64 * MIB,
  trustedKeys: [testKeyPair().publicKey],
  durations: { attach: 300, away: 1_200, verify: 400, erase: 2_000, program: 4_000, start: 600, cardWrites: 50 },
};

/** Settings as far as they differ from the default. */
export type SomeSettings = Partial<Omit<DeviceSettings, 'durations'>> & { readonly durations?: Partial<Durations> };

/** The whole settings of the device that is number `index`, from 0, in its world: a serial that is not given is counted up. */
export function settingsOf(some: SomeSettings, index: number): DeviceSettings {
  const serial = `SP${String(index + 1).padStart(8, '0')}`;
  return { ...DEFAULT_SETTINGS, serial, ...some, durations: { ...DEFAULT_SETTINGS.durations, ...some.durations } };
}
