import { TargetFile } from '@tufjs/models';
import { isBoolean, isText, listOf, memberOf, oneOf, type Shape, such, textLike, whole } from '../protocol/shapes.ts';
import { formatVersion, parseVersion } from '../protocol/versions.ts';
import type { Release } from './release.ts';

/** The key of our custom metadata in a target, and the version of its format. */
const KEY = 'spacepack';
const FORMAT = 1;

/** Larger than any image that our devices can take. No more is ever fetched, whatever is signed. */
export const MOST_IMAGE_BYTES: number = 256 * 1024 * 1024;
const MOST_NOTES = 4_000;
const MOST_HARDWARE = 64;

/** The custom metadata of a target, as in targets.json. All numbers are whole: canonical JSON has no others. */
interface Described {
  readonly format: typeof FORMAT;
  readonly product: string;
  readonly hardware: readonly string[];
  readonly version: string;
  readonly 'security-counter': number;
  readonly 'min-battery': number;
  readonly notes: string;
  readonly rollout: number;
  readonly paused: boolean;
}

const isPercent = whole(0, 100);
const isHardware = such(textLike(/^[0-9A-F]{4}$/), (text) => text !== 'FFFF');
const isVersion = such(isText, (text) => parseVersion(text) !== null);
const isNotes = such(isText, (text) => text.length <= MOST_NOTES);

interface Rule<T> {
  readonly expected: string;
  readonly holds: Shape<T>;
}

const RULES: { readonly [Key in keyof Described]: Rule<Described[Key]> } = {
  format: { expected: `${FORMAT}`, holds: oneOf(FORMAT) },
  product: { expected: '1 to 32 of a-z, 0-9 and -', holds: textLike(/^[a-z0-9-]{1,32}$/) },
  hardware: {
    expected: 'a list of revisions, 4 upper-case hexadecimal digits each',
    holds: listOf(isHardware, MOST_HARDWARE),
  },
  version: { expected: 'major.minor.revision+build', holds: isVersion },
  'security-counter': { expected: 'a whole number up to 4294967295', holds: whole(0, 0xffff_ffff) },
  'min-battery': { expected: 'a whole number from 0 to 100', holds: isPercent },
  notes: { expected: `a text of at most ${MOST_NOTES} characters`, holds: isNotes },
  rollout: { expected: 'a whole number from 0 to 100', holds: isPercent },
  paused: { expected: 'true or false', holds: isBoolean },
};

/** What a target turned out to be: a release, something else, or a malformed release. */
export type ReadTarget =
  | { readonly kind: 'release'; readonly release: Release }
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed'; readonly message: string };

const malformed = (path: string, field: string, expected: string): ReadTarget => ({
  kind: 'malformed',
  message: `${JSON.stringify(path.slice(0, 80))}: expected ${field} to be ${expected}.`,
});

/**
 * A plain file name that means the same on every system: no folder, no parent path, no Windows device name, nothing
 * that a URL changes.
 */
export function isPlainName(name: string): boolean {
  return (
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) &&
    !/\.$/.test(name) &&
    !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name)
  );
}

/** A delegated role often has a folder for its targets. The name is only shown and asked for: no file is named by it. */
const isPlainPath = (path: string): boolean => {
  const parts = path.split('/');
  return parts.length <= 4 && parts.every(isPlainName);
};

function isDescribed(value: object): value is Described {
  return Object.entries(RULES).every(([key, { holds }]) => holds(memberOf(value, key)));
}

/** Reads a target from signed metadata. Unknown fields are ignored, so that later versions can add some. */
export function readTarget({ path, length, hashes, custom }: TargetFile): ReadTarget {
  const described: unknown = custom[KEY];
  if (described === undefined) return { kind: 'other' };
  if (typeof described !== 'object' || described === null) return malformed(path, KEY, 'an object');
  if (!isPlainPath(path)) return malformed(path, 'the name', 'a plain file name, or one in up to three plain folders');
  if (!whole(0, MOST_IMAGE_BYTES)(length)) return malformed(path, 'length', `at most ${MOST_IMAGE_BYTES}`);
  const sha256 = hashes['sha256'];
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return malformed(path, 'sha256', '64 hexadecimal digits');
  if (!isDescribed(described)) {
    const broken = Object.entries(RULES).find(([key, { holds }]) => !holds(memberOf(described, key)));
    return malformed(path, broken?.[0] ?? KEY, broken?.[1].expected ?? 'understood');
  }
  const version = parseVersion(described.version);
  if (version === null) return malformed(path, 'version', RULES.version.expected);
  const { product, hardware, notes, rollout, paused } = described;
  const release: Release = {
    name: path,
    product,
    hardware,
    version,
    securityCounter: described['security-counter'],
    minBatteryPercent: described['min-battery'],
    notes,
    rolloutPercent: rollout,
    paused,
    sizeBytes: length,
    sha256,
  };
  return { kind: 'release', release };
}

/** The target that says all that a release does. */
export function tufTargetOf(release: Release): TargetFile {
  const described: Described = {
    format: FORMAT,
    product: release.product,
    hardware: release.hardware,
    version: formatVersion(release.version),
    'security-counter': release.securityCounter,
    'min-battery': release.minBatteryPercent,
    notes: release.notes,
    rollout: release.rolloutPercent,
    paused: release.paused,
  };
  return new TargetFile({
    path: release.name,
    length: release.sizeBytes,
    hashes: { sha256: release.sha256 },
    unrecognizedFields: { custom: { [KEY]: { ...described, hardware: [...described.hardware] } } },
  });
}

/** The releases among targets. One that cannot be understood is never offered, and `notice` reports it. */
export function releasesOf(targets: readonly TargetFile[], notice: (message: string) => void): readonly Release[] {
  return targets.flatMap((target) => {
    const read = readTarget(target);
    if (read.kind === 'malformed') notice(`A release of the channel is left out: ${read.message}`);
    return read.kind === 'release' ? [read.release] : [];
  });
}
