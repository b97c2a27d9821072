import { printable } from '../protocol/printable.ts';

/** Variables that a login item needs as the shell had them: launchd and systemd start it without. */
const CARRIED = [
  'SPACEPACK_STATE_DIR',
  'SPACEPACK_CONFIG_DIR',
  'SPACEPACK_CACHE_DIR',
  'SPACEPACK_LOG_DIR',
  'NODE_EXTRA_CA_CERTS',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
] as const;

/** What of the environment goes into a login item, and the names of what must not: URLs with a password in them. */
export interface Carried {
  readonly variables: Readonly<Record<string, string>>;
  readonly withheld: readonly string[];
}

/** Anything before an @ in a proxy, with or without a scheme. */
const hasCredentials = (value: string): boolean => /^(?:[a-z]+:\/\/)?[^/@]*@/i.test(value);
/** A unit file, a property list and a task are lines of text: none of these values holds a line break or a quote. */
const isPlain = (value: string): boolean => printable(value) === value && !value.includes('"');

export function carriedVariables(variables: Readonly<Record<string, string | undefined>>): Carried {
  const carried: Record<string, string> = {};
  const withheld: string[] = [];
  for (const name of CARRIED) {
    const value = variables[name];
    if (!value) continue;
    const isProxy = /_proxy$/i.test(name);
    if (isPlain(value) && !(isProxy && hasCredentials(value))) carried[name] = value;
    else withheld.push(name);
  }
  return { variables: carried, withheld };
}
