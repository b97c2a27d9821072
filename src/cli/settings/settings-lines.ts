/** A settings file as lines of text. A TOML parser drops comments and layout, which people want to keep. */

const tableOf = (line: string): string | null => /^\s*\[\s*["']?([^\]"']+?)["']?\s*\]/.exec(line)?.[1] ?? null;

/**
 * The index of the line with a table's key, or with the table's header if `key` is `null`; `-1`: none. `null` is the
 * top-level table.
 */
export function findLine(text: string, table: string | null, key: string | null): number {
  let within: string | null = null;
  return text.split('\n').findIndex((line) => {
    within = tableOf(line) ?? within;
    if (key === null) return table !== null && tableOf(line) === table;
    const found = /^\s*["']?([A-Za-z0-9_-]+)["']?\s*[=.]/.exec(line)?.[1];
    return within === table && found === key;
  });
}

/** The key with its spaces, the value if it is on one line, and what follows it. */
const ASSIGNMENT = /^(\s*["']?[A-Za-z0-9_-]+["']?\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'#[{]+)(\s*(?:#.*)?)$/;

const isExampleOf = (line: string, key: string): boolean => new RegExp(`^\\s*#\\s*${key}\\s*=`).test(line);

function placeForNew(lines: readonly string[], header: number, key: string): number {
  const end = lines.findIndex((line, index) => index > header && tableOf(line) !== null);
  const last = end < 0 ? lines.length : end;
  const example = lines.findIndex((line, index) => index > header && index < last && isExampleOf(line, key));
  return (example < 0 ? header : example) + 1;
}

/**
 * The text with a table's key set to a value, which is given as TOML. Everything else, including comments, stays as it
 * is. A new key goes below its commented example. `null`: the present value is not on one line, and only a person can
 * change it.
 */
export function withSetting(text: string, table: string, key: string, value: string): string | null {
  const lines = text.split('\n');
  const at = findLine(text, table, key);
  if (at >= 0) {
    const [, start, , rest] = ASSIGNMENT.exec(lines[at] ?? '') ?? [];
    if (start === undefined) return null;
    return lines.with(at, `${start}${value}${rest}`).join('\n');
  }
  const line = `${key} = ${value}`;
  const header = findLine(text, table, null);
  if (header >= 0) return lines.toSpliced(placeForNew(lines, header, key), 0, line).join('\n');
  const start = text.trim() === '' ? '' : `${text.trimEnd()}\n\n`;
  return `${start}[${table}]\n${line}\n`;
}
