import { stat } from 'node:fs/promises';
import { onOwnDisk } from '../../computer/own-disk.ts';
import { announce } from './edition.ts';
import type { Publishing } from './init.ts';
import { daysLeft, LIFETIME_DAYS } from './lifetime.ts';
import { loadChannel, type Repository, requireCurrentList } from './load.ts';
import { publish } from './publish.ts';
import { withPublishLock } from './publish-lock.ts';
import { isOf } from './repository.ts';
import { loadRoleKey } from './role-keys.ts';
import { changed, targetPath } from './site.ts';

/** In days. With fewer days left, it is time to get the offline keys from where they are kept. */
const SOON_DAYS = 45;

export interface Refreshed {
  /** How long clients trust the channel if nobody refreshes it again. */
  readonly expiresAt: Date;
  /** What people must do soon, in sentences. */
  readonly reminders: readonly string[];
}

function remindersOf(root: string, targets: string, now: Date): readonly string[] {
  const rows = [
    ['root', daysLeft(root, now), 'spacepack channel rotate'],
    ['targets', daysLeft(targets, now), 'spacepack channel refresh --targets'],
  ] as const;
  return rows
    .filter(([, days]) => days < SOON_DAYS)
    .map(([role, days, command]) => `The ${role} metadata expires in ${days} days: run \`${command}\` before then.`);
}

/** Rejects with `channel-changed` unless each image of a list that clients have not been told of yet is there. */
async function requireImages(folder: string, { targets, snapshot, archive }: Repository): Promise<void> {
  if (snapshot !== null && isOf(snapshot, targets, archive)) return;
  for (const target of Object.values(targets.signed.targets)) {
    const path = targetPath(folder, target);
    const size = await onOwnDisk(folder, () => stat(path)).then(
      (found) => found.size,
      () => null,
    );
    if (size === target.length) continue;
    throw changed(path, `an image of ${target.length} bytes`, size === null ? 'none' : `${size}`);
  }
}

/**
 * Signs a new timestamp, and a new snapshot if there is a newer list of releases or half its life is over. Needs only
 * the online keys; run it every day, and whenever a list was brought to where it runs.
 */
export async function refreshChannel({ folder, keys, passphrases, now }: Publishing): Promise<Refreshed> {
  return withPublishLock(folder, async () => {
    const repository = await loadChannel(folder, keys);
    requireCurrentList(repository);
    await requireImages(folder, repository);
    const { root, targets, published } = repository;
    const shotExpires = repository.snapshot?.signed.expires ?? now;
    const stale = daysLeft(shotExpires, now) < LIFETIME_DAYS.snapshot / 2;
    const key = async (name: 'snapshot' | 'timestamp') => [await loadRoleKey(keys, name, passphrases)];
    const told = await announce(repository, repository, { now }, key, stale);
    await publish(folder, keys, published, { root, newRoot: 'none', targets: null, archive: new Map(), ...told });
    const parts = [root, targets, told.snapshot ?? repository.snapshot ?? told.timestamp, told.timestamp];
    return {
      expiresAt: new Date(Math.min(...parts.map(({ signed }) => new Date(signed.expires).getTime()))),
      reminders: remindersOf(root.signed.expires, targets.signed.expires, now),
    };
  });
}
