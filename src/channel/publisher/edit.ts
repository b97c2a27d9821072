import { rm } from 'node:fs/promises';
import type { TargetFile } from '@tufjs/models';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Release } from '../release.ts';
import { readTarget, releasesOf, targetOf } from '../target.ts';
import type { Publishing } from './init.ts';
import { publish } from './publish.ts';
import { loadRepository, nextSnapshot, nextTargets, nextTimestamp, type Repository, targetPath } from './repository.ts';
import { loadRoleKey } from './role-keys.ts';
import { withTurn } from './turn.ts';

/** The releases of a channel in its folder. Rejects with `usage` if it holds none. */
export async function listReleases(folder: string): Promise<readonly Release[]> {
  const { targets } = await loadRepository(folder);
  return releasesOf(Object.values(targets.signed.targets), () => {});
}

const isRelease = (target: TargetFile): boolean => readTarget(target).kind === 'release';

/** Publishes another list of releases. What else the channel holds stays. */
async function publishReleases(
  { folder, keys, passphrases, now }: Publishing,
  { root, targets, snapshot, timestamp }: Repository,
  releases: readonly Release[],
): Promise<void> {
  const present = Object.values(targets.signed.targets);
  const kept = present.filter((target) => !isRelease(target));
  const all = [...kept, ...releases.map(targetOf)];
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
  // Only now: until a moment ago clients were sent to them.
  for (const target of present) {
    if (!served.has(targetPath(folder, target))) await rm(targetPath(folder, target), { force: true });
  }
}

/** Changes the releases of a channel, one publisher at a time. What `change` throws is passed on, and nothing published. */
export async function editReleases(
  publishing: Publishing,
  change: (releases: readonly Release[]) => Promise<readonly Release[]> | readonly Release[],
): Promise<void> {
  await withTurn(publishing.folder, async () => {
    const repository = await loadRepository(publishing.folder);
    const releases = releasesOf(Object.values(repository.targets.signed.targets), () => {});
    await publishReleases(publishing, repository, await change(releases));
  });
}

/** The release of that name. Throws `usage`, naming those that there are. */
export function requireRelease(releases: readonly Release[], name: string): Release {
  const release = releases.find((candidate) => candidate.name === name);
  if (release !== undefined) return release;
  const known = releases.map((candidate) => candidate.name).join(', ') || 'no release';
  throw new SpacepackError('usage', `Expected a release of the channel; found "${name}", where it has ${known}.`);
}

/** Changes one release. Rejects with `usage` if there is none of that name. */
export async function editRelease(
  publishing: Publishing,
  name: string,
  change: Partial<Pick<Release, 'rolloutPercent' | 'paused'>>,
): Promise<Release> {
  let changed: Release | undefined;
  await editReleases(publishing, (releases) => {
    changed = { ...requireRelease(releases, name), ...change };
    return releases.map((release) => (release.name === name ? { ...release, ...change } : release));
  });
  return requireRelease(changed === undefined ? [] : [changed], name);
}

/** Takes a release back: it is no longer offered, and its image no longer served. Devices that run it are left alone. */
export async function withdrawRelease(publishing: Publishing, name: string): Promise<void> {
  await editReleases(publishing, (releases) => {
    requireRelease(releases, name);
    return releases.filter((release) => release.name !== name);
  });
}
