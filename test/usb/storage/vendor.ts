/** An interface beside the drive's: vendor-specific, with a bulk pipe in each direction. */
export interface VendorInterface {
  /** `false`: the pipe is halted. */
  out(bytes: Uint8Array): boolean;
  /** `null`: the pipe is halted. */
  in(mostBytes: number): Uint8Array | null;
  /** A vendor request; `null`: not known. */
  control(isIn: boolean, request: number): Uint8Array | null;
  clearHalt(way: 'in' | 'out'): void;
}

/** Its number, class and pipes, as RP2040 and RP2350 have them. */
export const VENDOR = { number: 1, class: 0xff, in: 0x84, out: 0x03 } as const;
