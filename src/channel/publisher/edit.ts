import { rm } from 'node:fs/promises';
import { SpacepackError } from '../../protocol/errors.ts';
import { compareVersions, parseVersion } from '../../protocol/versions.ts';
import type { Release } from '../release.ts';
import { allReleasesOf, announce, nextList, targetsOf } from './edition.ts';
import type { Publishing } from './init.ts';
import { loadChannel, type Repository } from './load.ts';
import { publish } from './publish.ts';
import { withPublishLock } from './publish-lock.ts';
import { hasOnlineKeys, loadRoleKey } from './role-keys.ts';
import { targetPath } from './site.ts';

/** Publishes a new list of releases. Everything else in the channel stays. */
async function publishReleases(
  { folder, keys, passphrases, now }: Publishing,
  repository: Repository,
  releases: readonly Release[],
  anew: boolean,
): Promise<void> {
  const key = async (name: 'targets' | 'snapshot' | 'timestamp') => [await loadRoleKey(keys, name, passphrases)];
  const listed = nextList(repository, releases, await key('targets'), { now, anew });
  // Where no online key is, another place tells clients of the list.
  const told = (await hasOnlineKeys(keys))
    ? await announce(repository, listed, { now }, key, false)
    : { snapshot: null, timestamp: null };
  const { root, published } = repository;
  await publish(folder, keys, published, {
    root,
    newRoot: 'none',
    ...told,
    targets: listed.targets,
    archive: listed.fresh,
  });
  const served = new Set(targetsOf(listed).map((target) => targetPath(folder, target)));
  // Only now: clients were directed to them until a moment ago.
  for (const target of targetsOf(repository)) {
    if (!served.has(targetPath(folder, target))) await rm(targetPath(folder, target), { force: true });
  }
}

/** A new list of releases, and the result to return. */
export interface Edited<T> {
  readonly releases: readonly Release[];
  readonly result: T;
}

/**
 * Changes the releases of a channel, one publisher at a time. If `change` throws, the error is passed on and nothing is
 * published. `anew` also signs again what did not change. Rejects with `channel-changed` if the folder is not what the
 * channel's keys have published.
 */
export async function editReleases<T>(
  publishing: Publishing,
  change: (releases: readonly Release[]) => Promise<Edited<T>> | Edited<T>,
  anew = false,
): Promise<T> {
  const { folder, keys } = publishing;
  return withPublishLock(folder, async () => {
    const repository = await loadChannel(folder, keys);
    const { releases, result } = await change(allReleasesOf(repository));
    await publishReleases(publishing, repository, releases, anew);
    return result;
  });
}

/**
 * The release that a person means: by name, or by version if only one release has it. Throws `usage`, naming the
 * existing releases.
 */
export function requireRelease(releases: readonly Release[], wanted: string): Release {
  const version = parseVersion(wanted);
  const meant = releases.filter(
    (release) => release.name === wanted || (version !== null && compareVersions(release.version, version) === 0),
  );
  const [release] = meant;
  if (release !== undefined && meant.length === 1) return release;
  const known = releases.map(({ name }) => name).join(', ') || 'no release';
  const found = meant.length > 1 ? `${meant.length} of` : 'none of';
  throw new SpacepackError('usage', `Expected one release that "${wanted}" means, found ${found} ${known}.`);
}

/** Changes one release and resolves with the result. Rejects with `usage` if no release matches. */
export async function editRelease(
  publishing: Publishing,
  wanted: string,
  change: Partial<Pick<Release, 'rolloutPercent' | 'paused'>>,
): Promise<Release> {
  return editReleases(publishing, (releases) => {
    const meant = requireRelease(releases, wanted);
    const changed = { ...meant, ...change };
    return { releases: releases.map((release) => (release === meant ? changed : release)), result: changed };
  });
}

/** Takes a release back: it is no longer offered, and its image no longer served. Devices that run it are left alone. */
export async function withdrawRelease(publishing: Publishing, wanted: string): Promise<Release> {
  return editReleases(publishing, (releases) => {
    const meant = requireRelease(releases, wanted);
    return { releases: releases.filter((release) => release !== meant), result: meant };
  });
}
