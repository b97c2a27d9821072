import { SpacepackError } from '../protocol/errors.ts';
import { withoutCredentials } from '../protocol/printable.ts';

const PROTOCOLS: readonly string[] = ['https:', 'http:', 'file:'];

/**
 * The address of a channel, with a slash at its end. Throws `usage`. User names and passwords in it are refused: it
 * appears in logs and in files that are not secret.
 */
export function requireChannelUrl(text: string): URL {
  const refuse = (found: string): SpacepackError =>
    new SpacepackError('usage', `Expected the address of a channel (https, http or file), found ${found}.`);
  if (!URL.canParse(text)) throw refuse(`"${withoutCredentials(text)}"`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw refuse('one with a user name in it');
  if (!PROTOCOLS.includes(url.protocol)) throw refuse(`"${url.protocol}"`);
  if (url.search !== '' || url.hash !== '') throw refuse('one with "?" or "#"');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
