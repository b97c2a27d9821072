import { errnoOf } from '../computer/errno.ts';

const VANISHED: readonly string[] = ['ENOENT', 'ENODEV', 'ENXIO'];

/**
 * What a failed look at a thing that may leave at any moment means: `null` if it is not there. Whatever else failed (no file may
 * be opened any more, no right to look) tells nothing of the thing and is thrown on: it must never pass for "there is none".
 */
export function nullIfVanished(thrown: unknown): null {
  if (VANISHED.includes(errnoOf(thrown) ?? '')) return null;
  throw thrown;
}

/** What a look shows; `null` if the thing is not there. Throws the system's error if it could not be looked at. */
export function unlessVanished<T>(look: () => T): T | null {
  try {
    return look();
  } catch (thrown) {
    return nullIfVanished(thrown);
  }
}
