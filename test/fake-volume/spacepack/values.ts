/** The types of values of protocol §3.7, as patterns over whole values. */
export const PATTERNS: Readonly<Record<'name' | 'hash' | 'nonce' | 'session' | 'crc', RegExp>> = {
  name: /^[A-Za-z0-9._-]{1,32}$/,
  hash: /^[0-9A-Fa-f]{64}$/,
  nonce: /^[0-9A-Fa-f]{32}$/,
  session: /^[0-9A-Fa-f]{16}$/,
  crc: /^[0-9A-Fa-f]{8}$/,
};

/** A version as MCUboot numbers them. */
export interface DeviceVersion {
  readonly major: number;
  readonly minor: number;
  readonly revision: number;
  readonly build: number;
}

/** A _count_ of protocol §3.7; `null` if the text is none. */
export function parseCount(text: string): number | null {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

export function versionText(version: DeviceVersion): string {
  return `${version.major}.${version.minor}.${version.revision}+${version.build}`;
}

/** Whether `a` is a lower version than `b`. */
export function isBelow(a: DeviceVersion, b: DeviceVersion): boolean {
  const left = [a.major, a.minor, a.revision, a.build];
  const right = [b.major, b.minor, b.revision, b.build];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at >= 0 && (left[at] ?? 0) < (right[at] ?? 0);
}
