import type { ProgramOptions, Ran, RunProgram } from '../../computer/run-program.ts';
import type { SystemProgram } from '../../computer/system-programs.ts';
import { isTable, type Shape } from '../../protocol/shapes.ts';

/** A dictionary in a property list that a system program printed. */
export type Dictionary = Readonly<Record<string, unknown>>;

/** The XML property list that `program` prints; `null` if it prints none. `ran` is for messages. */
export async function runForPropertyList(
  run: RunProgram,
  program: SystemProgram,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<{ readonly value: unknown; readonly ran: Ran }> {
  const ran = await run(program, args, options);
  return { value: await parsePropertyList(ran.stdout), ran };
}

/** The value of an XML property list; `null` if the text is not one. */
export async function parsePropertyList(text: string): Promise<unknown> {
  // The parser reports text that is not XML on the console, and U+FFFD too, which is what a name in no UTF-8 has become.
  if (!text.trimStart().startsWith('<?xml') || !text.trimEnd().endsWith('</plist>')) return null;
  const { parse } = await import('plist');
  try {
    return parse(text.replaceAll('\ufffd', '?'));
  } catch {
    return null;
  }
}

export const isDictionary: Shape<Dictionary> = isTable;

/** A text that is present and not empty; else `null`. */
export function textAt(dictionary: Dictionary, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = dictionary[key];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return null;
}

/** As `textAt`, with the blanks around it: a path may end in one. */
export function exactTextAt(dictionary: Dictionary, key: string): string | null {
  const value = dictionary[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A size in bytes; 0 if not known. */
export function sizeOf(dictionary: Dictionary, key: string): number {
  return Math.max(0, numberOf(dictionary, key) ?? 0);
}

/** A whole number that is present; else `null`. The parser turns text that is not a number into NaN. */
export function numberOf(dictionary: Dictionary, key: string): number | null {
  const value = dictionary[key];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}
