import { type AddressSpan, bytesAt, type MemoryMap, sizeOfMap } from '../firmware/memory-map.ts';
import { hexOfBytes, toHex } from '../hex.ts';
import type { Uf2Block } from './block.ts';
import type { Uf2Findings } from './findings.ts';
import type { Uf2Md5Region } from './md5-region.ts';

/** The MD5 of bytes: 16 bytes. */
export type Md5 = (bytes: Uint8Array) => Uint8Array;

interface Claim extends Uf2Md5Region {
  /** The position of the first block that makes it. */
  readonly position: number;
}

/** Checks what blocks say about the MD5 of regions, which lets a board skip them. */
export interface Md5Check {
  take(block: Uf2Block, position: number): void;
  finish(map: MemoryMap): void;
}

/** How many times over a file may be hashed: a real one needs one, and a hostile one would take hours. */
const MOST_TIMES = 8;

const textOf = ({ start, end }: AddressSpan): string => `${toHex(start, 8)} to ${toHex(end - 1, 8)}`;

export function createMd5Check(findings: Uf2Findings, md5: Md5): Md5Check {
  const claims = new Map<string, Claim>();

  function compare(bytes: Uint8Array, region: Uf2Md5Region, position: number): void {
    const found = md5(bytes);
    if (found.every((byte, index) => byte === region.md5[index])) return;
    const place = { block: position, field: 'MD5 region' } as const;
    findings.add('md5', place, `MD5 ${hexOfBytes(region.md5)} for ${textOf(region)}`, hexOfBytes(found));
  }

  return {
    take({ md5Region: region, address, payload }, position) {
      if (region === null) return;
      // The usual form: each block is a region of its own.
      if (region.start === address && region.end === address + payload.length) {
        compare(payload, region, position);
        return;
      }
      if (address < region.start || address + payload.length > region.end) {
        const place = { block: position, field: 'MD5 region' } as const;
        findings.add('md5-elsewhere', place, `a region around ${toHex(address, 8)}`, textOf(region));
      }
      const key = `${region.start} ${region.end} ${hexOfBytes(region.md5)}`;
      if (!claims.has(key)) claims.set(key, { ...region, md5: region.md5.slice(), position });
    },
    finish(map) {
      let hashedBytes = 0;
      for (const claim of claims.values()) {
        const place = { block: claim.position, field: 'MD5 region' } as const;
        const bytes = bytesAt(map, claim);
        hashedBytes += bytes?.length ?? 0;
        if (bytes === null) findings.add('md5-unchecked', place, `all bytes of ${textOf(claim)}`, 'some');
        else if (hashedBytes <= MOST_TIMES * sizeOfMap(map)) compare(bytes, claim, claim.position);
        else findings.add('md5', place, `at most ${MOST_TIMES} regions around an address`, 'more');
      }
    },
  };
}
