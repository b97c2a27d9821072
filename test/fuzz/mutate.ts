import type { Dice } from './dice.ts';

/** What a change may draw on. */
export interface Material {
  readonly dice: Dice;
  /** Pieces that mean something to the parser. */
  readonly words: readonly Uint8Array[];
  /** Inputs that were worth keeping. */
  readonly kept: readonly Uint8Array[];
  readonly mostBytes: number;
}

type Change = (bytes: Buffer, material: Material) => Buffer;

/** Values at which comparisons of whole numbers turn. */
const EDGES = [
  0, 1, 2, 4, 0x0f, 0x10, 0x20, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0xffffffff,
];

const spliced = (bytes: Buffer, from: number, to: number, piece: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(to)]);

function range(bytes: Buffer, { dice }: Material): readonly [from: number, to: number] {
  const from = dice.below(bytes.length + 1);
  const most = dice.below(4) === 0 ? bytes.length : 16;
  return [from, Math.min(bytes.length, from + dice.below(most + 1))];
}

function inPlace(bytes: Buffer, { dice }: Material, change: (copy: Buffer, at: number) => void): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  change(copy, dice.below(copy.length));
  return copy;
}

const CHANGES: readonly Change[] = [
  (bytes, it) => inPlace(bytes, it, (copy, at) => copy.writeUInt8((copy[at] ?? 0) ^ (1 << it.dice.below(8)), at)),
  (bytes, it) => inPlace(bytes, it, (copy, at) => copy.writeUInt8(it.dice.below(256), at)),
  (bytes, it) => inPlace(bytes, it, (copy, at) => copy.writeUInt8(0x20 + it.dice.below(0x5f), at)),
  (bytes, it) =>
    inPlace(bytes, it, (copy, at) => {
      const width = Math.min(copy.length - at, it.dice.pick([1, 2, 4]));
      copy.writeUIntLE(it.dice.pick(EDGES) % 256 ** width, at, width);
    }),
  (bytes, it) => spliced(bytes, ...range(bytes, it), new Uint8Array()),
  (bytes, it) => {
    const [from, to] = range(bytes, it);
    return spliced(bytes, from, from, bytes.subarray(from, to));
  },
  (bytes, it) => {
    const [at, word] = [it.dice.below(bytes.length + 1), it.dice.pick(it.words)];
    return spliced(bytes, at, at, word);
  },
  (bytes, it) => spliced(bytes, ...range(bytes, it), it.dice.pick(it.words)),
  (bytes, it) => replacedWord(bytes, it),
  (bytes, it) => {
    const other = Buffer.from(it.dice.pick(it.kept));
    return spliced(bytes, ...range(bytes, it), other.subarray(...range(other, it)));
  },
  (bytes, it) => bytes.subarray(0, it.dice.below(bytes.length + 1)),
];

/** A word that is there makes room for another one: `"size"` for `"label"`, `none` for `idle`. */
function replacedWord(bytes: Buffer, { dice, words }: Material): Buffer {
  const [old, word] = [dice.pick(words), dice.pick(words)];
  const from = bytes.indexOf(old, dice.below(bytes.length + 1));
  const at = from < 0 ? bytes.indexOf(old) : from;
  return at < 0 ? spliced(bytes, bytes.length, bytes.length, word) : spliced(bytes, at, at + old.length, word);
}

/** The same bytes with some changes, few more often than many. */
export function mutate(bytes: Uint8Array, material: Material): Uint8Array {
  let changed: Buffer = Buffer.from(bytes);
  do changed = material.dice.pick(CHANGES)(changed, material);
  while (material.dice.below(3) > 0);
  return changed.subarray(0, material.mostBytes);
}
