/** A parser with a fault behind four doors: changes that look at nothing do not get there. For the test of the fuzzer. */
export function parsePlanted(bytes: Uint8Array): number {
  let depth = 0;
  if (bytes[0] === 0x46) {
    depth = 1;
    if (bytes[1] === 0x55) {
      depth = 2;
      if (bytes[2] === 0x5a) {
        depth = 3;
        if (bytes[3] === 0x7a) throw new RangeError('the planted fault');
      }
    }
  }
  return depth;
}
