import type { Io } from '../io.ts';
import type { BarStyle } from '../talk/bar/render.ts';

/** The marks of a check list. */
export interface Marks {
  readonly good: string;
  readonly bad: string;
  readonly open: string;
}

const UNICODE_MARKS: Marks = { good: '✓', bad: '✗', open: '-' };
const ASCII_MARKS: Marks = { good: 'ok', bad: 'NO', open: '--' };
const UNICODE_BAR: BarStyle = { full: '█', empty: '░' };
const ASCII_BAR: BarStyle = { full: '#', empty: '-' };

/** Whether the terminal shows more than ASCII, as far as its environment says. */
export function showsUnicode({ variables, platform }: Pick<Io, 'variables' | 'platform'>): boolean {
  if (platform === 'win32') return variables['WT_SESSION'] !== undefined || variables['TERM_PROGRAM'] === 'vscode';
  if (platform === 'darwin') return true;
  const locale = variables['LC_ALL'] || variables['LC_CTYPE'] || variables['LANG'] || '';
  return /utf-?8/i.test(locale);
}

export function marksFor(io: Pick<Io, 'variables' | 'platform'>): Marks {
  return showsUnicode(io) ? UNICODE_MARKS : ASCII_MARKS;
}

/** `null`: a terminal that cannot move its cursor. */
export function barFor(io: Pick<Io, 'variables' | 'platform'>): BarStyle | null {
  if (io.variables['TERM'] === 'dumb') return null;
  return showsUnicode(io) ? UNICODE_BAR : ASCII_BAR;
}
