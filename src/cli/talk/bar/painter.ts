import type { Sink } from '../../io/io.ts';
import { type Line, paint, textOf } from '../../text/line.ts';

/** Lines at the foot of a terminal that are drawn over and over. */
export interface Painter {
  /** Shows these lines instead of those shown before. */
  show(lines: readonly Line[]): void;
  /** Writes lines that stay, above those that move. */
  above(lines: readonly Line[]): void;
  /** Takes the moving lines away. */
  clear(): void;
}

const LINE_START = '\r';
const CLEAR_BELOW = '\u001b[J';
const up = (rows: number): string => (rows > 0 ? `\u001b[${rows}A` : '');

export function createPainter(sink: Sink, colour: boolean): Painter {
  let shown: readonly Line[] = [];

  /** Rows that a line takes now: a terminal that became narrower has wrapped it. */
  const rowsOf = (line: Line): number => Math.max(1, Math.ceil(textOf(line).length / Math.max(1, sink.columns())));

  // The cursor rests at the end of the last line, so that a terminal is never scrolled by an empty row.
  const erase = (): string => {
    const rows = shown.reduce((sum, line) => sum + rowsOf(line), 0);
    return shown.length === 0 ? '' : `${LINE_START}${up(rows - 1)}${CLEAR_BELOW}`;
  };
  const draw = (lines: readonly Line[]): string => lines.map((line) => paint(line, colour)).join('\n');

  return {
    show(lines) {
      sink.write(`${erase()}${draw(lines)}`);
      shown = lines;
    },
    above(lines) {
      sink.write(`${erase()}${lines.map((line) => `${paint(line, colour)}\n`).join('')}${draw(shown)}`);
    },
    clear() {
      sink.write(erase());
      shown = [];
    },
  };
}
