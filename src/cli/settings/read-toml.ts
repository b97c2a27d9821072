import type { SpacepackError } from '../../protocol/errors.ts';

/**
 * What is in a TOML file. Throws the error that `invalid` makes of a place, `FILE:LINE:COLUMN`, and of what is wrong there. The
 * parser is slow to load: call this only where there is something to read.
 */
export async function readToml(
  path: string,
  text: string,
  invalid: (where: string, what: string, cause: unknown) => SpacepackError,
): Promise<Readonly<Record<string, unknown>>> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    const what = thrown.message.split('\n', 1)[0] ?? 'no valid TOML';
    throw invalid(`${path}:${thrown.line}:${thrown.column}`, `expected TOML, found this: ${what}.`, thrown);
  }
}
