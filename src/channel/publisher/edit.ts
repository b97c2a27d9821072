import { rm } from 'node:fs/promises';
import type { TargetFile } from '@tufjs/models';
import { SpacepackError } from '../../protocol/errors.ts';
import { compareVersions, parseVersion } from '../../protocol/versions.ts';
import type { Release } from '../release.ts';
import { readTarget, releasesOf, tufTargetOf } from '../target.ts';
import type { Publishing } from './init.ts';
import { publish } from './publish.ts';
import { withPublishLock } from './publish-lock.ts';
import { loadRepository, nextSnapshot, nextTargets, nextTimestamp, type Repository, targetPath } from './repository.ts';
import { loadRoleKey } from './role-keys.ts';

const isRelease = (target: TargetFile): boolean => readTarget(target).kind === 'release';

/** Publishes a new list of releases. Everything else in the channel stays. */
async function publishReleases(
  { folder, keys, passphrases, now }: Publishing,
  { root, targets, snapshot, timestamp }: Repository,
  releases: readonly Release[],
): Promise<void> {
  const present = Object.values(targets.signed.targets);
  const kept = present.filter((target) => !isRelease(target));
  const all = [...kept, ...releases.map(tufTargetOf)];
  const key = (name: 'targets' | 'snapshot' | 'timestamp') => loadRoleKey(keys, name, passphrases);
  const newTargets = nextTargets(targets.signed.version + 1, all, [await key('targets')], now);
  const newSnapshot = nextSnapshot(snapshot.signed.version + 1, newTargets, [await key('snapshot')], now);
  await publish(folder, {
    root,
    newRoot: 'none',
    targets: newTargets,
    snapshot: newSnapshot,
    timestamp: nextTimestamp(timestamp.signed.version + 1, newSnapshot, [await key('timestamp')], now),
  });
  const served = new Set(all.map((target) => targetPath(folder, target)));
  // Only now: clients were directed to them until a moment ago.
  for (const target of present) {
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
 * published.
 */
export async function editReleases<T>(
  publishing: Publishing,
  change: (releases: readonly Release[]) => Promise<Edited<T>> | Edited<T>,
): Promise<T> {
  return withPublishLock(publishing.folder, async () => {
    const repository = await loadRepository(publishing.folder);
    const { releases, result } = await change(releasesOf(Object.values(repository.targets.signed.targets), () => {}));
    await publishReleases(publishing, repository, releases);
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
