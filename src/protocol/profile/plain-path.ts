const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)$/i;
const LONGEST = 120;

/**
 * Why a text is no path of plain names that mean the same on every system and stay below the root of a volume; `null`:
 * it is one.
 */
export function notPlain(path: string): string | null {
  if (path === '') return 'an empty one';
  if (path.length > LONGEST) return `${path.length} characters`;
  if (path.startsWith('/')) return 'a path from the root of the computer';
  for (const name of path.split('/')) {
    if (name === '') return 'an empty name in it';
    if (name === '.' || name === '..') return `"${name}" in it`;
    if (!/^[\x20-\x7e]+$/.test(name) || /[\\:*?"<>|]/.test(name))
      return 'a character that names cannot have everywhere';
    if (/^ |[. ]$/.test(name)) return `"${name}", which Windows changes`;
    if (RESERVED.test(name.split('.', 1)[0]?.trim() ?? '')) return `"${name}", which Windows takes for a device`;
    if (/^\._/.test(name)) return `"${name}", which macOS uses for itself`;
  }
  return null;
}

/** FAT compares names regardless of case. */
export function isSamePath(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase();
}

/** The folder of a path; empty: the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
