import { toHex } from '../hex.ts';
import type { Uf2Block } from './block.ts';
import type { Uf2Findings } from './findings.ts';

/** Blocks that are numbered from 0 up to one less than their count. */
interface Part {
  readonly count: number;
  /** The position of its first block in the file. */
  readonly first: number;
  /** In the order of the file. */
  readonly numbers: number[];
  readonly addresses: number[];
  readonly positions: number[];
}

/** Checks the numbers of the blocks that a board counts together. */
export interface Uf2Numbering {
  /** `position`: of the block in the file. */
  take(block: Pick<Uf2Block, 'number' | 'count' | 'address'>, position: number): void;
  /** Returns how many times the numbers begin at 0. */
  finish(): number;
}

export function createNumbering(findings: Uf2Findings): Uf2Numbering {
  const parts: Part[] = [];

  /** Numbers begin again only once all numbers before were there, or for another count. */
  function partOf({ number, count }: Pick<Uf2Block, 'number' | 'count'>, position: number): Part {
    const part = parts.at(-1);
    const beginsAgain = number === 0 && part !== undefined && (count !== part.count || part.numbers.length >= count);
    if (part !== undefined && !beginsAgain) return part;
    if (part !== undefined) {
      const place = { block: position, field: 'block number' } as const;
      findings.add('parts', place, 'numbers that begin once for each family', `0 again, of ${count}`);
    }
    const begun = { count, first: position, numbers: [], addresses: [], positions: [] };
    parts.push(begun);
    return begun;
  }

  function checkUnordered({ numbers, addresses, positions, count, first }: Part): void {
    const byNumber = new Map<number, number>();
    for (const [index, number] of numbers.entries()) {
      const address = addresses[index] ?? 0;
      const there = byNumber.get(number);
      if (there !== undefined && there !== address) {
        const expected = `number ${number} for one address, ${toHex(there, 8)}`;
        findings.add(
          'number-twice',
          { block: positions[index] ?? first, field: 'block number' },
          expected,
          toHex(address, 8),
        );
      }
      byNumber.set(number, there ?? address);
    }
    let missing = 0;
    while (byNumber.has(missing)) missing++;
    if (missing >= count) return;
    const more = count - byNumber.size - 1;
    const found = more > 0 ? `no ${missing}, and ${more} more missing` : `no ${missing}`;
    findings.add(
      'missing',
      { block: positions.at(-1) ?? first, field: 'block number' },
      `numbers 0 to ${count - 1}`,
      found,
    );
  }

  return {
    take(block, position) {
      const { number, count, address } = block;
      if (count === 0) {
        findings.add('count', { block: position, field: 'number of blocks' }, 'at least 1', '0');
        return;
      }
      const part = partOf(block, position);
      if (count !== part.count) {
        const expected = `${part.count}, as in block ${part.first}`;
        findings.add('count', { block: position, field: 'number of blocks' }, expected, `${count}`);
      }
      if (number >= part.count) {
        const place = { block: position, field: 'block number' } as const;
        findings.add('number', place, `a number below ${part.count}`, `${number}`);
        return;
      }
      const before = part.numbers.at(-1);
      if (before !== undefined && number < before) {
        findings.add('order', { block: position, field: 'block number' }, `a number above ${before}`, `${number}`);
      }
      part.numbers.push(number);
      part.addresses.push(address);
      part.positions.push(position);
    },
    finish() {
      for (const part of parts) {
        const isRegular = part.numbers.length === part.count && part.numbers.every((number, index) => number === index);
        if (!isRegular) checkUnordered(part);
      }
      return parts.length;
    },
  };
}
