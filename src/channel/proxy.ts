import { SpacepackError } from '../protocol/errors.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** As curl does: the lower-case form takes precedence. */
const variable = (variables: Variables, name: string): string =>
  variables[name.toLowerCase()] || variables[name.toUpperCase()] || '';

/**
 * Whether NO_PROXY names a host: itself, a parent domain (with or without a leading dot), or `*`, each with an optional
 * port to match.
 */
function isExempt({ hostname, port, protocol }: URL, variables: Variables): boolean {
  const host = hostname.toLowerCase();
  const entries = variable(variables, 'NO_PROXY')
    .toLowerCase()
    .split(/[,\s]+/)
    .filter(Boolean);
  return entries.some((entry) => {
    const [, name = entry, only] = /^(.+?)(?::(\d+))?$/.exec(entry) ?? [];
    if (only !== undefined && only !== (port || PORTS[protocol])) return false;
    const domain = name.replace(/^\*?\./, '');
    return name === '*' || host === domain || host.endsWith(`.${domain}`);
  });
}

/**
 * The proxy that the environment names for an address (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY); `null`: none.
 * Throws `usage` if it is not an address, without showing it, because it may contain a password.
 */
export function proxyFor(url: URL, variables: Variables): URL | null {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = variable(variables, name) || variable(variables, 'ALL_PROXY');
  if (text === '' || isExempt(url, variables)) return null;
  const address = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(address) ? new URL(address) : null;
  if (proxy !== null && Object.hasOwn(PORTS, proxy.protocol)) return proxy;
  throw new SpacepackError(
    'usage',
    `Expected ${name} to be the address of an http or https proxy, found something else.`,
  );
}
