import type { Family } from '../protocol/family.ts';

/** What a run writes to commit, for people: only some devices have a trigger beside the payload. */
export function whatCommits({ files, programming }: Pick<Family, 'files' | 'programming'>): string {
  if (files.payload !== null) return 'the trigger';
  return programming === null ? 'the firmware' : 'the last block';
}
