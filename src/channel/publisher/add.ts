import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { checkImage, readChecked } from '../../image/check.ts';
import type { PayloadSource } from '../../image/payload.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Family } from '../../protocol/family.ts';
import { compareVersions, formatVersion } from '../../protocol/versions.ts';
import { holdsBytes } from '../partial-file.ts';
import type { Release } from '../release.ts';
import { shareOf } from '../release-image.ts';
import { readTarget, tufTargetOf } from '../target.ts';
import { editReleases } from './edit.ts';
import type { Publishing } from './init.ts';
import { targetPath } from './site.ts';

/** What the maker says about a release; the rest is in its image. */
export interface Wishes {
  /** Revisions it is for, if fewer than the image names. */
  readonly hardware?: readonly string[] | undefined;
  readonly minBatteryPercent: number;
  readonly notes: string;
  readonly rolloutPercent: number;
  readonly paused: boolean;
}

export interface AddOptions extends Wishes {
  /** Unpacked, from a file or an address. */
  readonly image: PayloadSource;
  /** The maker's public keys, PEM; empty: the signature of the image is not checked. */
  readonly publicKeys: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

function hardwareOf(image: readonly string[], wanted: readonly string[] | undefined): readonly string[] {
  if (wanted === undefined || wanted.length === 0) return image;
  const found = wanted.map((revision) => revision.toUpperCase());
  const surplus = found.find((revision) => image.length > 0 && !image.includes(revision));
  if (surplus === undefined) return found;
  throw new SpacepackError(
    'image-wrong-hardware',
    `Expected a revision that the image names (${image.join()}), found ${surplus}.`,
  );
}

const overlap = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === 0 || b.length === 0 || a.some((revision) => b.includes(revision));

function requireNew(release: Release, present: readonly Release[]): void {
  const same = present.find(
    ({ product, version, hardware }) =>
      product === release.product &&
      compareVersions(version, release.version) === 0 &&
      overlap(hardware, release.hardware),
  );
  if (same === undefined) return;
  const version = formatVersion(release.version);
  throw new SpacepackError(
    'usage',
    `Expected a version that is new to the channel, found ${version} in ${same.name}.`,
    {
      remedy: 'Give the image a higher version; a published version must not change.',
    },
  );
}

function requireReadable(release: Release): void {
  const read = readTarget(tufTargetOf(release));
  if (read.kind === 'malformed') throw new SpacepackError('usage', read.message);
}

/**
 * Copies an image to where it is served, completely or not at all, and never through a link. Rejects with
 * `image-changed` if it is no longer what was checked.
 */
async function place(image: PayloadSource, path: string, { sizeBytes, sha256 }: Release): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeFile(temporary, readChecked(image, { sha256 }), { flag: 'wx' });
    if (!(await holdsBytes(temporary, sizeBytes, sha256))) {
      throw new SpacepackError(
        'image-changed',
        `${image.name}: expected SHA-256 ${sha256} as checked before, found another.`,
      );
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Not `spacepack-1.2.0+0-0100.dfu`: some servers decode `+` as a space. */
function nameOf(
  { product, version, hardware }: Pick<Release, 'product' | 'version' | 'hardware'>,
  format: string,
  families: readonly Family[],
): string {
  const { major, minor, revision, build } = version;
  const parts = [product, `${major}.${minor}.${revision}${build === 0 ? '' : `-${build}`}`, ...hardware.slice(0, 4)];
  const extension = families.flatMap(({ images }) => images).find(({ name }) => name === format)?.extension ?? 'bin';
  return `${parts.join('-')}.${extension}`;
}

/** Checks an image and publishes it as a release. Rejects with `image-…`, `key-unusable`, `usage` or `channel-busy`. */
export async function addRelease(publishing: Publishing, options: AddOptions): Promise<Release> {
  const { image, publicKeys, signal, minBatteryPercent, notes, rolloutPercent, paused } = options;
  const checked = await checkImage(image, publishing.families, {
    publicKeys,
    ...(signal && { signal }),
  });
  const share = shareOf(checked, publishing.families);
  const hardware = hardwareOf(share.hardware, options.hardware);
  const name = nameOf({ ...share, hardware }, checked.format, publishing.families);
  const release: Release = { ...share, hardware, name, minBatteryPercent, notes, rolloutPercent, paused };
  requireReadable(release);
  return editReleases(publishing, async (releases) => {
    requireNew(release, releases);
    await place(image, targetPath(publishing.folder, tufTargetOf(release)), release);
    return { releases: [...releases, release], result: release };
  });
}
