import type { MemoryMap, MemoryRange } from './memory-map.ts';

/** Two places of a file that hold bytes for the same addresses. */
export interface Overlap {
  /** The first address where they differ; if they agree, the first that both hold. */
  readonly address: number;
  /** What holds a byte for it, by the numbers given to `add`: the earlier and the later in the file. */
  readonly first: number;
  readonly second: number;
  /** Whether they agree on all bytes that both hold. */
  readonly isSame: boolean;
}

/** Makes a map of addresses from the pieces of a file, in whatever order they come. */
export interface MapBuilder {
  /** Takes a copy of the bytes. `source` is the number of the block or line by which an overlap is told. */
  add(address: number, bytes: Uint8Array, source: number): void;
  /** Tells each overlap. Where two places differ, do not use the map. */
  build(onOverlap: (overlap: Overlap) => void): MemoryMap;
}

/** Pieces of one size from consecutive sources that follow one another by address: a usual file is very few of them. */
interface Run {
  readonly address: number;
  /** Where its bytes are in the memory that all runs share. */
  readonly offset: number;
  readonly pieceBytes: number;
  /** Of its first piece. */
  readonly source: number;
  pieces: number;
}

const lengthOf = ({ pieceBytes, pieces }: Run): number => pieceBytes * pieces;
const endOf = (run: Run): number => run.address + lengthOf(run);

/** Runs that touch or overlap, in ascending order. */
function* groupsOf(runs: readonly Run[]): Generator<readonly Run[]> {
  let group: Run[] = [];
  let end = 0;
  for (const run of runs) {
    if (group.length > 0 && run.address > end) {
      yield group;
      group = [];
    }
    end = Math.max(end, endOf(run));
    group.push(run);
  }
  if (group.length > 0) yield group;
}

function overlapOf(memory: Uint8Array, one: Run, other: Run): Overlap {
  const [start, end] = [Math.max(one.address, other.address), Math.min(endOf(one), endOf(other))];
  let address = start;
  const byteOf = (run: Run): number | undefined => memory[run.offset + address - run.address];
  while (address < end && byteOf(one) === byteOf(other)) address++;
  const isSame = address === end;
  if (isSame) address = start;
  const sources = [one, other].map((run) => run.source + Math.floor((address - run.address) / run.pieceBytes));
  return { address, first: Math.min(...sources), second: Math.max(...sources), isSame };
}

/** `expectedBytes`: of all pieces; a wrong guess costs time only. */
export function createMapBuilder(expectedBytes = 0): MapBuilder {
  const runs: Run[] = [];
  let memory = new Uint8Array(expectedBytes);
  let used = 0;
  let last: Run | null = null;

  function join(group: readonly Run[], onOverlap: (overlap: Overlap) => void): MemoryRange {
    const [{ address, offset } = { address: 0, offset: 0 }] = group;
    const length = group.reduce((end, run) => Math.max(end, endOf(run)), 0) - address;
    const isInPlace = group.every((run) => run.offset - offset === run.address - address);
    if (isInPlace) return { address, bytes: memory.subarray(offset, offset + length) };
    const bytes = new Uint8Array(length);
    // Of the runs so far, the one that reaches furthest: if any overlaps the next one, it does.
    let furthest: Run | null = null;
    for (const run of group) {
      if (furthest !== null && run.address < endOf(furthest)) onOverlap(overlapOf(memory, furthest, run));
      bytes.set(memory.subarray(run.offset, run.offset + lengthOf(run)), run.address - address);
      if (furthest === null || endOf(run) > endOf(furthest)) furthest = run;
    }
    return { address, bytes };
  }

  return {
    add(address, bytes, source) {
      const pieceBytes = bytes.length;
      if (pieceBytes === 0) return;
      if (used + pieceBytes > memory.length) {
        const larger = new Uint8Array(2 * (used + pieceBytes));
        larger.set(memory);
        memory = larger;
      }
      // For a few bytes, as in Intel HEX, a loop is faster than `set`.
      if (pieceBytes > 64) memory.set(bytes, used);
      else for (let index = 0; index < pieceBytes; index++) memory[used + index] = bytes[index] ?? 0;
      const goesOn = last?.pieceBytes === pieceBytes && endOf(last) === address && last.source + last.pieces === source;
      if (last === null || !goesOn) {
        last = { address, offset: used, pieceBytes, source, pieces: 0 };
        runs.push(last);
      }
      last.pieces++;
      used += pieceBytes;
    },
    build(onOverlap) {
      const ordered = runs.toSorted((one, other) => one.address - other.address);
      return Array.from(groupsOf(ordered), (group) => join(group, onOverlap));
    },
  };
}
