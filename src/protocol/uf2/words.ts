/** The little-endian number of 32 bits at `offset`: without the object that a DataView would cost for each block. */
export function wordAt(bytes: Uint8Array, offset: number): number {
  const [a, b, c, d] = [bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]];
  return (((a ?? 0) | ((b ?? 0) << 8) | ((c ?? 0) << 16)) + (d ?? 0) * 0x1000000) >>> 0;
}
