/** The little-endian number of 32 bits at `offset`: without the object that a DataView would cost for each block. */
export function wordAt(bytes: Uint8Array, offset: number): number {
  const low = (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8) | ((bytes[offset + 2] ?? 0) << 16);
  return low + (bytes[offset + 3] ?? 0) * 0x1000000;
}
