/** Bytes and the address of the first one. */
export interface MemoryRange {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/**
 * What a firmware file puts at which addresses of 32 bits: ranges in ascending order, none of them empty, with at least
 * one byte between two of them that the file leaves as it is.
 */
export type MemoryMap = readonly MemoryRange[];

/** Addresses from `start` up to, but not including, `end`. */
export interface AddressSpan {
  readonly start: number;
  readonly end: number;
}

/** The number of addresses. */
export const ADDRESS_SPACE: number = 2 ** 32;

export function endOfRange({ address, bytes }: MemoryRange): number {
  return address + bytes.length;
}

/** How many bytes the file puts somewhere. */
export function sizeOfMap(map: MemoryMap): number {
  return map.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** What lies between the ranges. */
export function holesOf(map: MemoryMap): readonly AddressSpan[] {
  return map.slice(1).map(({ address }, index) => {
    const before = map[index];
    return { start: before === undefined ? address : endOfRange(before), end: address };
  });
}

/** The bytes at `start` up to `end`, a view; `null`: the file does not have all of them. */
export function bytesAt(map: MemoryMap, { start, end }: AddressSpan): Uint8Array | null {
  let [low, high] = [0, map.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = map[middle];
    if (range !== undefined && endOfRange(range) <= start) low = middle + 1;
    else high = middle;
  }
  const range = map[low];
  if (range === undefined || start < range.address || end > endOfRange(range)) return null;
  return range.bytes.subarray(start - range.address, end - range.address);
}
