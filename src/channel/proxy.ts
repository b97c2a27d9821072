import { BlockList, isIP, isIPv6 } from 'node:net';
import { SpacepackError } from '../protocol/errors.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const SOCKS: readonly string[] = ['socks:', 'socks4:', 'socks4a:', 'socks5:', 'socks5h:'];

export const isSocks = ({ protocol }: URL): boolean => SOCKS.includes(protocol);

/** As curl does: the lower-case form takes precedence. */
const variable = (variables: Variables, name: string): string =>
  variables[name.toLowerCase()] || variables[name.toUpperCase()] || '';

/** Whether an entry is an address, or a range like 10.0.0.0/8, and covers a host that is an address too. */
function coversAddress(entry: string, host: string): boolean {
  const [, base = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const kind = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
  if (isIP(base) === 0 || isIP(host) === 0) return false;
  const covered = new BlockList();
  const most = isIPv6(base) ? 128 : 32;
  if (bits !== undefined && Number(bits) > most) return false;
  covered.addSubnet(base, Number(bits ?? most), kind(base));
  return covered.check(host, kind(host));
}

/** An entry without its port. The colons of an IPv6 address without brackets are its own. */
function splitEntry(entry: string): readonly [name: string, port: string | undefined] {
  if (isIPv6(entry) || entry.includes('/')) return [entry, undefined];
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|(.+?))(?::(\d+))?$/.exec(entry) ?? [];
  return [bracketed ?? plain ?? entry, port];
}

/**
 * Whether NO_PROXY names a host: itself, a parent domain (with or without a leading dot), a range of addresses, or `*`,
 * each but a range with an optional port to match.
 */
function isExempt({ hostname, port, protocol }: URL, variables: Variables): boolean {
  const host = hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const entries = variable(variables, 'NO_PROXY')
    .toLowerCase()
    .split(/[,\s]+/)
    .filter(Boolean);
  return entries.some((entry) => {
    const [name, only] = splitEntry(entry);
    if (only !== undefined && only !== (port || PORTS[protocol])) return false;
    const domain = name.replace(/^\*?\./, '');
    return name === '*' || host === domain || host.endsWith(`.${domain}`) || coversAddress(name, host);
  });
}

/**
 * The proxy that the environment names for an address (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY); `null`: none.
 * Throws `usage` if it is not an address, without showing it, because it may contain a password.
 */
export function proxyFor(url: URL, variables: Variables): URL | null {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const own = variable(variables, name);
  const [named, text] = own === '' ? ['ALL_PROXY', variable(variables, 'ALL_PROXY')] : [name, own];
  if (text === '' || isExempt(url, variables)) return null;
  const address = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(address) ? new URL(address) : null;
  if (proxy !== null && proxy.hostname !== '' && (Object.hasOwn(PORTS, proxy.protocol) || isSocks(proxy))) return proxy;
  throw new SpacepackError(
    'usage',
    `Expected ${named} to be the address of an http, https or socks proxy, found something else.`,
  );
}
