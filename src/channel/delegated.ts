import { setImmediate } from 'node:timers/promises';
import { type Metadata, type Snapshot, TargetFile, type Targets } from '@tufjs/models';
import type { Updater } from 'tuf-js';
import { ExpiredMetadataError } from 'tuf-js/dist/error.js';
import { messageOf } from '../protocol/errors.ts';
import { isCompleteList } from './complete-list.ts';
import type { MetadataFetcher } from './fetcher.ts';
import { isPlainName, readTarget } from './target.ts';

/** The most delegated roles whose lists are read. */
export const MOST_ROLES = 256;

/** Roles whose names are files of another meaning, also where capitals do not count. */
const TAKEN: readonly string[] = ['root', 'timestamp', 'snapshot', 'targets'];

export interface Tree {
  readonly top: Targets;
  readonly snapshot: Snapshot;
  readonly now: Date;
  readonly notice: (message: string) => void;
}

/** The updater wraps some of its own errors and keeps only their text. */
export const isExpiry = (thrown: unknown): boolean =>
  thrown instanceof ExpiredMetadataError || (thrown instanceof Error && /\.json is expired$/.test(thrown.message));

function rolesIn({ delegations }: Targets): readonly string[] {
  if (delegations?.succinctRoles !== undefined) {
    const names: string[] = [];
    for (const name of delegations.succinctRoles.getRoles()) if (names.push(name) > MOST_ROLES) break;
    return names;
  }
  return Object.keys(delegations?.roles ?? {});
}

/** Why a role is not read; `null`: it can be. */
function obstacleOf(role: string, { snapshot }: Tree): string | null {
  if (!isPlainName(role) || TAKEN.includes(role.toLowerCase())) return 'its name cannot be the name of a file';
  return Object.hasOwn(snapshot.meta, `${role}.json`) ? null : 'the snapshot does not list it';
}

/**
 * Loads and verifies a role by the step of the library that its lookup of a single target takes; what it trusts is
 * private there. Rejects with the library's errors.
 */
async function loadRole(updater: Updater, role: string, parent: string, now: Date): Promise<Targets> {
  const { signed } = (await updater['loadTargets'](role, parent)) as Metadata<Targets>;
  if (new Date(signed.expires) <= now) throw new ExpiredMetadataError(`${role}.json is expired`);
  return signed;
}

/** The lists of all delegated roles that can be read, the nearer ones first. */
async function readLists(updater: Updater, tree: Tree): Promise<readonly Targets[]> {
  const lists: Targets[] = [];
  const waiting = rolesIn(tree.top).map((role) => ({ role, parent: 'targets' }));
  const seen = new Set<string>();
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { role, parent } = next;
    if (seen.has(role)) continue;
    seen.add(role);
    const leave = (why: string): void =>
      tree.notice(`The releases of the role ${JSON.stringify(role)} are left out: ${why}.`);
    if (seen.size > MOST_ROLES) {
      leave(`there are more than ${MOST_ROLES} roles`);
      break;
    }
    const obstacle = obstacleOf(role, tree);
    if (obstacle !== null) {
      leave(obstacle);
      continue;
    }
    try {
      const list = await loadRole(updater, role, parent, tree.now);
      lists.push(list);
      waiting.push(...rolesIn(list).map((child) => ({ role: child, parent: role })));
    } catch (thrown) {
      if (!isExpiry(thrown)) throw thrown;
      leave('its list has expired');
    }
  }
  return lists;
}

/**
 * The targets that delegated roles add to the top-level list, which counts before them. The lists only say what there
 * might be: whether a role may speak for a name, and which one counts, is decided by the lookup of the library (TUF
 * 5.6.7). Without effect on a list that says it is complete. Rejects with the library's errors if a list cannot be had
 * or trusted; one that has expired is left out, and `notice` is told.
 */
export async function readDelegated(
  updater: Updater,
  tree: Tree,
  fetcher: Pick<MetadataFetcher, 'close'>,
): Promise<readonly TargetFile[]> {
  const { top } = tree;
  if (top.delegations === undefined || isCompleteList(top)) return [];
  const lists = await readLists(updater, tree);
  // A lookup that would need one of the roles left out fails, instead of asking the channel for it.
  fetcher.close();
  const paths = lists
    .flatMap(({ targets }) => Object.values(targets))
    .filter((each) => readTarget(each).kind !== 'other');
  const found: TargetFile[] = [];
  for (const path of new Set(paths.map((target) => target.path))) {
    if (Object.hasOwn(top.targets, path)) continue;
    // So that the deadline of the check counts, however many there are.
    await setImmediate();
    try {
      const target = await updater.getTargetInfo(path);
      if (target instanceof TargetFile) found.push(target);
    } catch (thrown) {
      tree.notice(
        `${JSON.stringify(path)} is left out: a role that decides about it is not known (${messageOf(thrown)}).`,
      );
    }
  }
  return found;
}
