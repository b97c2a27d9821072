import { SpacepackError } from '../protocol/errors.ts';

/** The address of an image that somebody gave in place of a path. */
export interface ImageAddress {
  readonly url: URL;
  /** What may be shown and kept: without user name, password, query and fragment, any of which may be a credential. */
  readonly shown: string;
}

/**
 * At least two letters: `C:` is a drive. What is nearly an address counts too: as a path, it would be shown with the
 * password in it.
 */
const SCHEME = /^\s*(https?(?=:)|[a-z][a-z0-9+.-]+(?=:[/\\]{2}))/i;

/** What a person gave as an address; `null`: it is a path. Throws `usage` for an address that is none of a server. */
export function imageAddressOf(text: string): ImageAddress | null {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return null;
  const refuse = (found: string): SpacepackError =>
    new SpacepackError('usage', `Expected a path, or an address with https or http, found ${found}.`);
  if (scheme !== 'https' && scheme !== 'http') throw refuse(`one with ${scheme}`);
  if (!URL.canParse(text)) throw refuse('one that cannot be understood');
  const url = new URL(text);
  return { url, shown: `${url.origin}${url.pathname}` };
}
