import type { Sink } from '../io.ts';
import { type Line, paint } from './line.ts';

/** Writes lines for people, each with its end. */
export function writeLines(sink: Sink, lines: readonly Line[], colour: boolean): void {
  if (lines.length > 0) sink.write(lines.map((line) => `${paint(line, colour)}\n`).join(''));
}
