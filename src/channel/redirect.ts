import { SpacepackError } from '../protocol/errors.ts';

/** How many times in a row a server may redirect us. */
export const MOST_REDIRECTS = 5;

const refused = (from: URL, found: string): SpacepackError =>
  new SpacepackError(
    'channel-unreachable',
    `${from.origin}: expected a redirect to https or to the same host, found ${found}.`,
  );

/**
 * Where a redirect leads. Only to https, or from http to http on the same host and port: a server must not be able to
 * remove the connection's protection, make us read local files, or send us to another host unencrypted. Throws
 * `channel-unreachable`.
 */
export function followRedirect(from: URL, location: string | null): URL {
  // A relative address would inherit a password, and so send it where nobody meant it to go.
  const base = `${from.origin}${from.pathname}${from.search}`;
  if (location === null || !URL.canParse(location, base)) throw refused(from, 'an address that cannot be understood');
  const to = new URL(location, base);
  if (to.username !== '' || to.password !== '') throw refused(from, 'an address with a user name in it');
  if (to.protocol === 'https:') return to;
  if (to.protocol === 'http:' && from.protocol === 'http:' && to.host === from.host) return to;
  throw refused(from, `${to.protocol}//${to.host}`);
}
