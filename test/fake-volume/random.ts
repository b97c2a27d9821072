import { createHash } from 'node:crypto';

/** Bytes that look random and are the same for the same seed, so that a run can be repeated. */
export function seededRandom(seed: string): (bytes: number) => Uint8Array {
  let count = 0;
  return (bytes) => {
    const parts: Buffer[] = [];
    for (let have = 0; have < bytes; have += 32) {
      count += 1;
      parts.push(createHash('sha256').update(`${seed}/${count}`).digest());
    }
    return Buffer.concat(parts).subarray(0, bytes);
  };
}
