import { printable } from '../protocol/printable.ts';

/** Variables that a login item needs as the shell had them: launchd and systemd start it without them. */
const CARRIED = [
  'SPACEPACK_STATE_DIR',
  'SPACEPACK_CONFIG_DIR',
  'SPACEPACK_CACHE_DIR',
  'SPACEPACK_LOG_DIR',
  'NODE_EXTRA_CA_CERTS',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'all_proxy',
  'no_proxy',
] as const;

/**
 * The environment variables that go into a login item, and the names of those that must not, such as URLs with a
 * password.
 */
export interface Carried {
  readonly variables: Readonly<Record<string, string>>;
  readonly withheld: readonly string[];
}

/** Whatever its form, an @ in a proxy's address follows a name or a password. */
const hasCredentials = (value: string): boolean => value.includes('@');
/** Unit files, property lists and tasks are lines of text: the values must not contain line breaks or quotes. */
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
