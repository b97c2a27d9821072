import { type Line, type Piece, textOf } from './line.ts';

export type Cell = Piece;

const widthOf = (cell: Cell): number => textOf([cell]).length;

/** Rows with their cells aligned in columns, two spaces apart; the last column is not padded. */
export function alignColumns(rows: readonly (readonly Cell[])[]): readonly Line[] {
  const widths = rows.reduce<readonly number[]>(
    (most, row) => row.map((cell, column) => Math.max(most[column] ?? 0, widthOf(cell))),
    [],
  );
  return rows.map((row) =>
    row.flatMap((cell, column): readonly Piece[] =>
      column === row.length - 1 ? [cell] : [cell, ' '.repeat((widths[column] ?? 0) - widthOf(cell) + 2)],
    ),
  );
}

/** Names and values, one pair a line; pairs without a value are left out. */
export function alignPairs(pairs: readonly (readonly [name: string, value: Piece | null])[]): readonly Line[] {
  const told = pairs.flatMap(([name, value]): readonly (readonly Cell[])[] =>
    value === null ? [] : [[{ text: name, tone: 'faint' }, value]],
  );
  return alignColumns(told);
}
