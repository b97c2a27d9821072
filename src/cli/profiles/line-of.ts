const header = (line: string): string | null => /^\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}/.exec(line)?.[1] ?? null;
const keyIn = (line: string): string | null => /^\s*["']?([\w-]+)["']?\s*[=.]/.exec(line)?.[1] ?? null;

/**
 * The line of a TOML text, counted from 1, on which a field of a profile stands, or as much of it as has a line of its
 * own; `null`: none. `field`: `write.payload`, `verdict[2].when.renamed`.
 */
export function lineOf(text: string, field: string): number | null {
  const [, table = '', index, , key] = /^(\w+)(?:\[(\d+)\])?(\.(\w+))?/.exec(field) ?? [];
  const lines = text.split('\n');
  let within = '';
  let count = 0;
  let start: number | null = null;
  for (const [at, line] of lines.entries()) {
    const begun = header(line);
    if (begun !== null) {
      within = begun;
      if (begun === table) count += 1;
      if (begun === table && (index === undefined || count === Number(index))) start ??= at + 1;
    } else if (within === '' && keyIn(line) === table) {
      return at + 1;
    } else if (within === table && start !== null && key !== undefined && keyIn(line) === key) {
      if (index === undefined || count === Number(index)) return at + 1;
    }
  }
  return start;
}
