import type { Sink } from '../../io/io.ts';
import { type Line, paint, textOf } from '../../text/line.ts';

/** Lines at the bottom of a terminal that are redrawn again and again. */
export interface Painter {
  /** Replaces the lines shown before. */
  show(lines: readonly Line[]): void;
  /** Writes permanent lines above the moving ones. */
  above(lines: readonly Line[]): void;
  /** Removes the moving lines. */
  clear(): void;
}

const LINE_START = '\r';
const CLEAR_BELOW = '\u001b[J';
const up = (rows: number): string => (rows > 0 ? `\u001b[${rows}A` : '');

export function createPainter(sink: Sink, colour: boolean): Painter {
  let shown: readonly Line[] = [];

  /** The rows that a line occupies now: a terminal that became narrower has wrapped it. */
  const rowsOf = (line: Line): number => Math.max(1, Math.ceil(textOf(line).length / Math.max(1, sink.columns())));

  // The cursor stays at the end of the last line, so that an empty row never scrolls the terminal.
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
