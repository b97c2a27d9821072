import { RESERVED, type ReservedName, reservedPath } from '../cards/card.ts';
import type { CardContent } from '../cards/content.ts';
import { readText, writeText } from '../spacepack/grammar.ts';
import type { Trouble, Victim } from '../spacepack/trouble.ts';

type Line = readonly [key: string, value: string];

/** The lines of a text file without its CRC line, keys in lower case; empty if the file is missing or torn. */
export function linesOf(card: CardContent, name: ReservedName): readonly Line[] {
  const text = readText(card.read(reservedPath(name)) ?? new Uint8Array(), 4096);
  return text.kind === 'torn' ? [] : [...text.fields].filter(([key]) => key !== 'crc32');
}

export function fieldOf(card: CardContent, name: ReservedName, key: string): string {
  return linesOf(card, name).find(([candidate]) => candidate === key)?.[1] ?? '';
}

/** Writes a text file anew with other lines and a right CRC. */
export function rewriteLines(
  card: CardContent,
  name: ReservedName,
  change: (lines: readonly Line[]) => readonly Line[],
): void {
  card.write(reservedPath(name), writeText(change(linesOf(card, name))));
}

/** Gives one key another value, with a right CRC. */
export function rewriteValue(card: CardContent, name: ReservedName, key: string, value: string): void {
  rewriteLines(card, name, (lines) => lines.map((line) => (line[0] === key ? [key, value] : line)));
}

/** Trouble that strikes once the trigger is on the card and quiet, just before the device reads it. */
export function onceTriggered(does: (victim: Victim) => void, outcome?: Trouble['outcome']): Trouble {
  return {
    at: 'look',
    does(victim) {
      if (victim.card.read(reservedPath(RESERVED.trigger)) !== null) does(victim);
    },
    ...(outcome && { outcome }),
  };
}

/** Changes the bytes of the payload on the card. */
export function changePayload(card: CardContent, change: (payload: Uint8Array) => Uint8Array): void {
  const payload = card.read(reservedPath(RESERVED.payload));
  if (payload !== null) card.write(reservedPath(RESERVED.payload), change(Buffer.from(payload)));
}
