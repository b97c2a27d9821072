import type { JournalSlots } from './journal.ts';

/**
 * The device's own memory, which outlives every loss of power. Only the bootloader writes to it; it is never
 * overwritten by an install (protocol §9.6, §11.3).
 */
export interface NonVolatileMemory {
  bootCount: number;
  securityFloor: number;
  readonly journal: JournalSlots;
  /** What the flash memory holds: an image without a suffix; `null`: erased, or cut short. */
  flash: Uint8Array | null;
  /** `trial` until a host has configured the new image; `refused` after three starts without that. */
  flashState: 'confirmed' | 'trial' | 'refused';
  /** Starts of the image that is on trial. */
  trialStarts: number;
}

/** A device that left the factory: it runs `image` and has never been attached. */
export function factoryMemory(image: Uint8Array | null, securityFloor = 1): NonVolatileMemory {
  return { bootCount: 0, securityFloor, journal: [null, null], flash: image, flashState: 'confirmed', trialStarts: 0 };
}
