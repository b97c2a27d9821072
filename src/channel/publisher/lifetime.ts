/**
 * How long metadata is valid, in days. The shortest lifetime limits how long news can be withheld from a client, and
 * how long it may be offline.
 */
export const LIFETIME_DAYS = { root: 365, targets: 180, snapshot: 21, timestamp: 7 } as const;

const DAY_MS = 86_400_000;

/** The end of a lifetime that begins now, in TUF's time format: UTC, whole seconds. */
export function expiryOf(role: keyof typeof LIFETIME_DAYS, now: Date): string {
  return new Date(now.getTime() + LIFETIME_DAYS[role] * DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Whole days until metadata expires; negative if it has. */
export function daysLeft(expires: string | Date, now: Date): number {
  return Math.floor((new Date(expires).getTime() - now.getTime()) / DAY_MS);
}
