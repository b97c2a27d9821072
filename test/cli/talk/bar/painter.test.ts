import { expect, test } from 'vitest';
import { createPainter } from '../../../../src/cli/talk/bar/painter.ts';
import type { Line } from '../../../../src/cli/text/line.ts';

/** A terminal that understands what the painter writes: text, line ends, `\r`, cursor up, clear below; it wraps long lines. */
function createTerminal(initialColumns: number) {
  let columns = initialColumns;
  let rows: string[] = [''];
  let [row, column] = [0, 0];
  const put = (character: string): void => {
    if (column === columns) [row, column] = [row + 1, 0];
    const line = (rows[row] ?? '').padEnd(column);
    rows[row] = line.slice(0, column) + character + line.slice(column + 1);
    column += 1;
  };
  return {
    sink: {
      isTerminal: true,
      columns: () => columns,
      write(text: string) {
        for (const [token] of text.matchAll(/\u001b\[\d*[A-Z]|[\s\S]/g)) {
          if (token === '\n') [row, column] = [row + 1, 0];
          else if (token === '\r') column = 0;
          else if (token === '\u001b[J') rows = [...rows.slice(0, row), (rows[row] ?? '').slice(0, column)];
          else if (token.startsWith('\u001b[')) row = Math.max(0, row - Number.parseInt(token.slice(2), 10));
          else put(token);
        }
      },
    },
    /** Makes it narrower: lines that no longer fit wrap, as terminals do. */
    narrow(to: number) {
      const wrapped = rows.map((line) => line.match(new RegExp(`.{1,${to}}`, 'g')) ?? ['']);
      rows = wrapped.flat();
      columns = to;
      row = rows.length - 1;
      column = (rows[row] ?? '').length;
    },
    rows: () => rows.map((line) => line.trimEnd()),
  };
}

const lines = (...texts: readonly string[]): readonly Line[] => texts.map((text) => [text]);

test('new lines take the place of the old ones', () => {
  const terminal = createTerminal(40);
  const painter = createPainter(terminal.sink, false);
  painter.show(lines('one', 'two', 'three'));
  painter.show(lines('eins', 'zwei'));
  expect(terminal.rows()).toEqual(['eins', 'zwei']);
});

test('lines above stay', () => {
  const terminal = createTerminal(40);
  const painter = createPainter(terminal.sink, false);
  painter.show(lines('bar'));
  painter.above(lines('notice'));
  painter.show(lines('longer bar'));
  painter.clear();
  expect(terminal.rows()).toEqual(['notice', '']);
});

test('a terminal that became narrower is still painted over whole', () => {
  const terminal = createTerminal(40);
  const painter = createPainter(terminal.sink, false);
  painter.show(lines('a'.repeat(39), 'b'.repeat(39)));
  terminal.narrow(15);
  painter.show(lines('short', 'lines'));
  expect(terminal.rows()).toEqual(['short', 'lines']);
});

test('clearing twice does nothing', () => {
  const terminal = createTerminal(40);
  const painter = createPainter(terminal.sink, false);
  painter.clear();
  painter.above(lines('kept'));
  painter.clear();
  expect(terminal.rows()).toEqual(['kept']);
});
