import { styleText } from 'node:util';
import { printable } from '../../protocol/printable.ts';

/** What a piece of a line conveys. Only this file decides which colour that is. */
export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'doubtful' | 'bad';

/** A piece of a line for people. */
export type Piece = string | { readonly text: string; readonly tone: Tone };

/** A line for people: pieces from left to right. None contains a control character when it is printed. */
export type Line = readonly Piece[];

type Format = Parameters<typeof styleText>[0];

const FORMATS: Readonly<Record<Exclude<Tone, 'plain'>, Format>> = {
  strong: 'bold',
  faint: 'dim',
  good: 'green',
  doubtful: 'yellow',
  bad: 'red',
};

const isString = (piece: Piece): piece is string => typeof piece === 'string';

/** The characters of a line, without colours. */
export function textOf(line: Line): string {
  return printable(line.map((piece) => (isString(piece) ? piece : piece.text)).join(''));
}

/** A line ready for a terminal. This is the only place where text becomes output, so everything is cleaned here. */
export function paint(line: Line, colour: boolean): string {
  if (!colour) return textOf(line);
  const pieces = line.map((piece) => {
    if (isString(piece)) return printable(piece);
    if (piece.tone === 'plain') return printable(piece.text);
    return styleText(FORMATS[piece.tone], printable(piece.text), { validateStream: false });
  });
  return pieces.join('');
}

/** The first `width` characters of a line; a cut line ends in `~`. */
export function cut(line: Line, width: number): Line {
  if (textOf(line).length <= width) return line;
  if (width < 1) return [];
  const kept: Piece[] = [];
  let room = width - 1;
  for (const piece of line) {
    const text = isString(piece) ? piece : piece.text;
    const part = text.length > room ? `${text.slice(0, room)}~` : text;
    kept.push(isString(piece) ? part : { ...piece, text: part });
    if (text.length > room) break;
    room -= text.length;
  }
  return kept;
}

/** Writes lines for people, each with a line end. */
export function writeLines(sink: { write(text: string): void }, lines: readonly Line[], colour: boolean): void {
  if (lines.length > 0) sink.write(lines.map((line) => `${paint(line, colour)}\n`).join(''));
}
