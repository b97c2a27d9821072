import type { Metadata, TargetFile, Targets } from '@tufjs/models';
import type { Release } from '../release.ts';
import { readTarget, releasesOf, tufTargetOf } from '../target.ts';
import { type Archive, BINS, binOf, MOST_WITHOUT_ARCHIVE } from './archive.ts';
import type { Publishing } from './init.ts';
import { type Repository, versionAfter } from './load.ts';
import { offeredOf } from './offered.ts';
import type { Edition } from './publish.ts';
import { isOf, nextSnapshot, nextTargets, nextTimestamp } from './repository.ts';
import type { RoleKey } from './role-keys.ts';

/** All targets of a channel, also those that are archived. */
export function targetsOf({ targets, archive }: Pick<Repository, 'targets' | 'archive'>): readonly TargetFile[] {
  return [targets, ...archive.values()].flatMap(({ signed }) => Object.values(signed.targets));
}

/** All releases of a channel, also those that are archived. */
export const allReleasesOf = (repository: Pick<Repository, 'targets' | 'archive'>): readonly Release[] =>
  releasesOf(targetsOf(repository), () => {});

/** A new list, and of its archive the bins that are new. */
export interface Listed {
  readonly targets: Metadata<Targets>;
  readonly archive: Archive;
  /** The bins of the archive that changed. */
  readonly fresh: Archive;
}

const sameTargets = (bin: Metadata<Targets>, targets: readonly TargetFile[]): boolean => {
  const present = bin.signed.targets;
  const count = Object.keys(present).length;
  return count === targets.length && targets.every((target) => present[target.path]?.equals(target) === true);
};

/**
 * The next list of releases, signed: what any device can still be offered, and in its archive everything else. Once a
 * channel has an archive it keeps it, because a snapshot must never lose a file. `anew` signs all bins again.
 */
export function nextList(
  repository: Repository,
  releases: readonly Release[],
  keys: readonly RoleKey[],
  { now, anew = false }: { readonly now: Date; readonly anew?: boolean },
): Listed {
  const version = versionAfter(repository, 'targets');
  const others = targetsOf(repository).filter((target) => readTarget(target).kind !== 'release');
  const hasArchive = repository.archive.size > 0 || releases.length > MOST_WITHOUT_ARCHIVE;
  const offered = hasArchive ? offeredOf(releases) : new Set(releases);
  const archived = new Map<string, TargetFile[]>(BINS.map((name) => [name, []]));
  for (const release of releases) {
    const target = tufTargetOf(release);
    if (!offered.has(release)) archived.get(binOf(target))?.push(target);
  }
  const bins = (hasArchive ? BINS : []).map((name) => {
    const [present, wanted] = [repository.archive.get(name), archived.get(name) ?? []];
    const keeps = !anew && present !== undefined && sameTargets(present, wanted);
    return { name, keeps, bin: keeps ? present : nextTargets(version, wanted, keys, now) };
  });
  const archive = new Map(bins.map(({ name, bin }) => [name, bin]));
  const listed = [...others, ...releases.filter((release) => offered.has(release)).map(tufTargetOf)];
  return {
    targets: nextTargets(version, listed, keys, now, archive),
    archive,
    fresh: new Map(bins.filter(({ keeps }) => !keeps).map(({ name, bin }) => [name, bin])),
  };
}

/**
 * What tells clients of a list: a new timestamp, and a new snapshot unless the present one names exactly that list and
 * is not `stale`.
 */
export async function announce(
  repository: Repository,
  { targets, archive }: Pick<Listed, 'targets' | 'archive'>,
  { now }: Pick<Publishing, 'now'>,
  keyOf: (name: 'snapshot' | 'timestamp') => Promise<readonly RoleKey[]>,
  stale: boolean,
): Promise<Pick<Edition, 'snapshot'> & { readonly timestamp: NonNullable<Edition['timestamp']> }> {
  const present = repository.snapshot;
  const keeps = present !== null && !stale && isOf(present, targets, archive);
  const version = versionAfter(repository, 'snapshot');
  const snapshot = keeps ? present : nextSnapshot(version, targets, await keyOf('snapshot'), now, archive);
  const timestamp = nextTimestamp(versionAfter(repository, 'timestamp'), snapshot, await keyOf('timestamp'), now);
  return { snapshot: keeps ? null : snapshot, timestamp };
}
