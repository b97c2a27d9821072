import type { Publishing } from './init.ts';
import { daysLeft, LIFETIME_DAYS } from './lifetime.ts';
import { publish } from './publish.ts';
import { withPublishLock } from './publish-lock.ts';
import { loadRepository, nextSnapshot, nextTimestamp } from './repository.ts';
import { loadRoleKey } from './role-keys.ts';

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

/** Signs a new timestamp, and a new snapshot if half its life is over. Needs only the online keys; run it every day. */
export async function refreshChannel({ folder, keys, passphrases, now }: Publishing): Promise<Refreshed> {
  return withPublishLock(folder, async () => {
    const { root, targets, snapshot, timestamp } = await loadRepository(folder);
    const isOld = daysLeft(snapshot.signed.expires, now) < LIFETIME_DAYS.snapshot / 2;
    const snapshotKey = isOld ? [await loadRoleKey(keys, 'snapshot', passphrases)] : [];
    const newSnapshot = isOld ? nextSnapshot(snapshot.signed.version + 1, targets, snapshotKey, now) : null;
    const timestampKey = await loadRoleKey(keys, 'timestamp', passphrases);
    const version = timestamp.signed.version + 1;
    const newTimestamp = nextTimestamp(version, newSnapshot ?? snapshot, [timestampKey], now);
    await publish(folder, { root, newRoot: 'none', targets: null, snapshot: newSnapshot, timestamp: newTimestamp });
    const parts = [root, targets, newSnapshot ?? snapshot, newTimestamp];
    return {
      expiresAt: new Date(Math.min(...parts.map(({ signed }) => new Date(signed.expires).getTime()))),
      reminders: remindersOf(root.signed.expires, targets.signed.expires, now),
    };
  });
}
