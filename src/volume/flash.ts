import type { Drive } from '../protocol/sight.ts';

/** What opening came to. `none`: what shows it is not there, or this computer does not let us use it. */
export type FlashOpened =
  | { readonly kind: 'open'; readonly flash: Flash }
  | {
      readonly kind: 'none';
      /** A phrase for people; `null`: the device has no such thing, so there is nothing to tell. */
      readonly why: string | null;
      /** What would help; empty: nothing would. */
      readonly remedy: string;
    };

/**
 * The flash memory of one attachment, as the device itself reads it, past every cache. Its calls reject with
 * SpacepackErrors, and each gives up by itself after a limit. One call at a time.
 */
export interface Flash {
  /** All of the bytes from an address on. Changes nothing. */
  read(address: number, lengthBytes: number): Promise<Uint8Array>;
  /** Lets the device leave and start what its flash memory holds, after a moment in which its drive can be unmounted. */
  reboot(): Promise<void>;
  /** Does not reject. */
  close(): Promise<void>;
}

/** What shows the flash memory of a device beside its drive, which stays as it is. */
export interface FlashWitness {
  /**
   * Opens it for the device of this very drive, never for another that looks the same. `space`: which of its memories is
   * meant, as the device's family numbers them; `null`: only to see whether it could be opened, not to read it. Rejects
   * with `volume-stalled` or `volume-io`.
   */
  open(drive: Drive, space: number | null): Promise<FlashOpened>;
}
