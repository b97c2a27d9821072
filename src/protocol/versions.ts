import { SpacepackError } from './errors.ts';

/** A version in four numbers, as bootloaders compare them. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly revision: number;
  readonly build: number;
}

const PATTERN = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,4})(?:\+(0|[1-9]\d{0,9}))?$/;
const LIMITS = [255, 255, 65_535, 4_294_967_295] as const;

/** Reads `major.minor.revision` with an optional `+build`; `null` if the text is not a version. */
export function parseVersion(text: string): Version | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [major = 0, minor = 0, revision = 0, build = 0] = match.slice(1).map((digits) => Number(digits ?? 0));
  const parts = [major, minor, revision, build];
  return parts.every((part, index) => part <= (LIMITS[index] ?? 0)) ? { major, minor, revision, build } : null;
}

/** Reads a version given by a person. Throws `usage`. */
export function requireVersion(text: string): Version {
  const version = parseVersion(text);
  if (version === null) {
    throw new SpacepackError('usage', `Expected a version like 1.2.3 or 1.2.3+4, found "${text}".`);
  }
  return version;
}

export function formatVersion({ major, minor, revision, build }: Version): string {
  return `${major}.${minor}.${revision}+${build}`;
}

/** Negative if `a` is lower, 0 if equal, positive if higher. The build number counts. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.revision - b.revision || a.build - b.build;
}
