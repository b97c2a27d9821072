import type { ProgramOptions, Ran, RunProgram } from '../../computer/run-program.ts';
import { isTable, type Shape } from '../../protocol/shapes.ts';

/** A dictionary of a property list, from a program of the system. */
export type Dictionary = Readonly<Record<string, unknown>>;

/** What `program` prints as an XML property list; `null` if it printed none. `ran` is for messages. */
export async function runForPropertyList(
  run: RunProgram,
  program: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<{ readonly value: unknown; readonly ran: Ran }> {
  const ran = await run(program, args, options);
  return { value: await parsePropertyList(ran.stdout), ran };
}

/** The value of an XML property list; `null` if the text is none. */
export async function parsePropertyList(text: string): Promise<unknown> {
  // The parser reports on the console what is no XML.
  if (!text.trimStart().startsWith('<?xml') || !text.trimEnd().endsWith('</plist>')) return null;
  const { parse } = await import('plist');
  try {
    return parse(text);
  } catch {
    return null;
  }
}

export const isDictionary: Shape<Dictionary> = isTable;

/** A text that is there and not empty; else `null`. */
export function textAt(dictionary: Dictionary, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = dictionary[key];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return null;
}

/** A size in bytes; 0 where none is known. */
export function sizeOf(dictionary: Dictionary, key: string): number {
  return Math.max(0, numberOf(dictionary, key) ?? 0);
}

/** A whole number that is there; else `null`. The parser makes NaN of text that is no number. */
export function numberOf(dictionary: Dictionary, key: string): number | null {
  const value = dictionary[key];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}
