import type { StatusTest, ValuePlace } from './profile.ts';

const decoder = new TextDecoder();

/** Text of a file in UTF-8; what is not valid becomes U+FFFD, and matches nothing. */
export function fileText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The value at a place, without white space around it; `null`: there is none. */
export function valueAt(text: string, place: ValuePlace): string | null {
  const found = rawAt(text, place)?.trim() ?? '';
  return found === '' ? null : found;
}

function rawAt(text: string, place: ValuePlace): string | null {
  switch (place.kind) {
    case 'key':
      return keyValue(text, place.key);
    case 'between': {
      const start = text.indexOf(place.after);
      if (start < 0) return null;
      const from = start + place.after.length;
      const end = text.indexOf(place.until, from);
      return end < 0 ? null : text.slice(from, end);
    }
    case 'field':
      return text.split('\n', 1)[0]?.split(place.separator)[place.field - 1] ?? null;
  }
}

function keyValue(text: string, key: string): string | null {
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.slice(0, key.length).toLowerCase() !== key.toLowerCase()) continue;
    const rest = trimmed.slice(key.length).trimStart();
    if (/^[:=]/.test(rest)) return rest.slice(1);
  }
  return null;
}

/** Whether the text of a status file passes the test. */
export function passes(text: string, { place, how, text: wanted }: Omit<StatusTest, 'file'>): boolean {
  const found = place === null ? text.trim() : valueAt(text, place);
  if (found === null) return false;
  if (how === 'is') return found === wanted;
  return how === 'begins' ? found.startsWith(wanted) : found.includes(wanted);
}
