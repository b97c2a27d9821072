import { errnoOf } from '../computer/errno.ts';

const VANISHED: readonly string[] = ['ENOENT', 'ENODEV', 'ENXIO'];

/**
 * What a failed look at something that may leave at any moment means: `null` if it is not there. Any other failure (too
 * many open files, no permission) says nothing about the thing and is rethrown: it must never be taken for "there is
 * none".
 */
export function nullIfVanished(thrown: unknown): null {
  if (VANISHED.includes(errnoOf(thrown) ?? '')) return null;
  throw thrown;
}

/** What a look shows; `null` if the thing is not there. Throws the system's error if the look failed. */
export function unlessVanished<T>(look: () => T): T | null {
  try {
    return look();
  } catch (thrown) {
    return nullIfVanished(thrown);
  }
}
