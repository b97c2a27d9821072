import { DelegatedRole } from '@tufjs/models/dist/role.js';

/** Names and patterns are far shorter; matching takes at most the product of both. */
const MOST_LENGTH = 500;
/** One role has this many patterns at most that count. */
const MOST_PATTERNS = 1_024;

type Token = { readonly many: true } | { readonly many: false; readonly fits: (char: string) => boolean };

/** A pattern of a shell, as TUF 4.5 has it: `*`, `?`, and as in fnmatch `[abc]`, `[a-z]` and `[!abc]`. */
function tokensOf(pattern: string): readonly Token[] {
  const parts = pattern.match(/\[!?\]?[^\]]*\]|./gsu) ?? [];
  return parts.map((part): Token => {
    if (part === '*') return { many: true };
    if (part === '?') return { many: false, fits: () => true };
    if (part.length === 1 || !part.startsWith('[')) return { many: false, fits: (char) => char === part };
    const isNegated = part.startsWith('[!');
    const ranges = part.slice(isNegated ? 2 : 1, -1).match(/.-.|./gsu) ?? [];
    const holds = (char: string): boolean =>
      ranges.some((range) => (range.length > 1 ? char >= range.charAt(0) && char <= range.charAt(2) : char === range));
    return { many: false, fits: (char) => holds(char) !== isNegated };
  });
}

/** Whether a part of a path fits a part of a pattern. Only the last `*` is ever tried again. */
function fitsPart(text: string, pattern: string): boolean {
  const [chars, tokens] = [[...text], tokensOf(pattern)];
  let [at, token, star, taken] = [0, 0, -1, 0];
  while (at < chars.length) {
    const present = tokens[token];
    if (present?.many) [star, taken, token] = [token, at, token + 1];
    else if (present?.fits(chars[at] ?? '')) [at, token] = [at + 1, token + 1];
    else if (star >= 0) [taken, at, token] = [taken + 1, taken + 1, star + 1];
    else return false;
  }
  return tokens.slice(token).every(({ many }) => many);
}

/** Whether a name is one that a pattern means: part by part, because `*` never means a `/`. */
export function fitsPattern(name: string, pattern: string): boolean {
  if (name.length > MOST_LENGTH || pattern.length > MOST_LENGTH) return false;
  const [parts, wanted] = [name.split('/'), pattern.split('/')];
  return parts.length === wanted.length && parts.every((part, at) => fitsPart(part, wanted[at] ?? ''));
}

const { isDelegatedPath } = DelegatedRole.prototype;

/**
 * The library matches with regular expressions, which a pattern like `*a*a*a*a*a*a*b` keeps busy for minutes: whoever
 * may delegate could silence a client for good.
 */
DelegatedRole.prototype.isDelegatedPath = function (this: DelegatedRole, name: string): boolean {
  if (this.paths === undefined) return isDelegatedPath.call(this, name);
  return this.paths.slice(0, MOST_PATTERNS).some((pattern) => fitsPattern(name, pattern));
};
