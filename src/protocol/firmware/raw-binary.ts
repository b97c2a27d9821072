import { type Decoded, decoded, mismatch } from '../decoded.ts';
import { toHex } from '../hex.ts';
import { ADDRESS_SPACE, type MemoryMap } from './memory-map.ts';

/** The map of a file that is nothing but the bytes to be put at `address`. */
export function mapOfBinary(bytes: Uint8Array, address: number): Decoded<MemoryMap> {
  if (bytes.length === 0) return mismatch('a binary with something in it', 'an empty file');
  if (!Number.isInteger(address) || address < 0 || address >= ADDRESS_SPACE) {
    return mismatch('an address of 32 bits', `${address}`);
  }
  if (address + bytes.length > ADDRESS_SPACE) {
    const room = ADDRESS_SPACE - address;
    return mismatch(`at most ${room} bytes, as far as addresses go from ${toHex(address, 8)}`, `${bytes.length}`);
  }
  return decoded([{ address, bytes }]);
}
