/** The same bytes but for one bit in the middle: a cell of memory that does not hold its value. */
export function withFlippedBit(bytes: Uint8Array): Uint8Array {
  const flipped = Buffer.from(bytes);
  const middle = flipped.length >> 1;
  flipped[middle] = (flipped[middle] ?? 0) ^ 1;
  return flipped;
}
