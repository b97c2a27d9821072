/** What determines which characters a terminal can show. */
interface Terminal {
  /** Environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** The marks of a check list. */
export interface Marks {
  readonly good: string;
  readonly bad: string;
  readonly open: string;
}

/** The characters of a bar. */
export interface BarStyle {
  readonly full: string;
  readonly empty: string;
}

const UNICODE_MARKS: Marks = { good: '✓', bad: '✗', open: '-' };
const ASCII_MARKS: Marks = { good: 'ok', bad: 'NO', open: '--' };
const UNICODE_BAR: BarStyle = { full: '█', empty: '░' };
const ASCII_BAR: BarStyle = { full: '#', empty: '-' };

/** Whether the terminal shows more than ASCII, as far as its environment says. */
export function showsUnicode({ variables, platform }: Terminal): boolean {
  if (platform === 'win32') return variables['WT_SESSION'] !== undefined || variables['TERM_PROGRAM'] === 'vscode';
  if (platform === 'darwin') return true;
  const locale = variables['LC_ALL'] || variables['LC_CTYPE'] || variables['LANG'] || '';
  return /utf-?8/i.test(locale);
}

export function marksFor(terminal: Terminal): Marks {
  return showsUnicode(terminal) ? UNICODE_MARKS : ASCII_MARKS;
}

/** `null`: a terminal that cannot move its cursor. */
export function barFor(terminal: Terminal): BarStyle | null {
  if (terminal.variables['TERM'] === 'dumb') return null;
  return showsUnicode(terminal) ? UNICODE_BAR : ASCII_BAR;
}
