import type { Judgement } from '../commitment.ts';
import type { Witnesses } from '../family.ts';
import type { FoundBytes } from '../found.ts';
import { beginsWith, digestOf, type FileDigest, type Fingerprint, isSameDigest } from './fingerprint.ts';
import { fileText, passes } from './place.ts';
import type { Profile, ProfileVerdict, When } from './profile.ts';

/** What is remembered about a commit. */
export interface Remembered {
  readonly image: Fingerprint;
  /** The files of the device just before it; `null`: not there. One that could not be read is missing. */
  readonly before: Readonly<Record<string, FileDigest | null>>;
  readonly version: string | null;
  /** Whether the whole of what commits was written and made durable. */
  readonly hasArrived: boolean;
}

/** What is seen later. */
export interface Seen {
  readonly version: string | null;
  readonly trigger: FoundBytes;
  readonly others: Witnesses['others'];
}

const CODES: Readonly<Record<ProfileVerdict, Judgement['code']>> = {
  applied: 'applied',
  written: 'written',
  rejected: 'rejected-other',
  failed: 'failed-other',
};

/** The files that the rules of a profile look at, each once. */
export function watchedFiles({ verdicts }: Pick<Profile, 'verdicts'>): readonly string[] {
  const all = verdicts.flatMap(({ when: { renamed, appeared, holds, status } }) => [
    renamed,
    appeared,
    holds,
    status?.file ?? null,
  ]);
  return [...new Set(all.filter((path) => path !== null))];
}

/** The digests of files that were read; one that could not be read is left out. */
export function digestsOf(files: Witnesses['others']): Remembered['before'] {
  return Object.fromEntries(
    [...files].flatMap(([path, found]): [string, FileDigest | null][] => {
      if (found.kind === 'unreadable') return [];
      return [[path, found.kind === 'intact' ? digestOf(found.value) : null]];
    }),
  );
}

/** The bytes of a file that is new or has changed since the commit; `null`: it has not, or that is not known. */
function newsIn(path: string, { before }: Remembered, { others }: Seen): Uint8Array | null {
  const found = others.get(path);
  const was = Object.hasOwn(before, path) ? before[path] : undefined;
  if (found?.kind !== 'intact' || was === undefined) return null;
  return was !== null && isSameDigest(was, digestOf(found.value)) ? null : found.value;
}

/** Whether all that a rule asks for is there. */
function holdsTrue(when: When, known: Remembered, seen: Seen): boolean {
  const isGone = seen.trigger.kind === 'absent';
  // If our own commit may never have arrived, what is new may be somebody else's, unless it is our very bytes.
  const isOwn = known.hasArrived || when.renamed !== null || when.holds !== null;
  const checks: readonly (boolean | null)[] = [
    when.renamed === null ? null : isGone && isPayload(newsIn(when.renamed, known, seen), known.image),
    when.appeared === null ? null : newsIn(when.appeared, known, seen) !== null,
    when.vanished ? isGone : null,
    when.holds === null ? null : holdsPayload(seen.others.get(when.holds), known.image),
    when.status === null ? null : isSaid(newsIn(when.status.file, known, seen), when.status),
    when.isVersionChanged ? seen.version !== null && known.version !== null && seen.version !== known.version : null,
  ];
  return isOwn && checks.some((check) => check === true) && !checks.includes(false);
}

function isPayload(bytes: Uint8Array | null, image: Fingerprint): boolean {
  return bytes !== null && isSameDigest(digestOf(bytes), image);
}

/** Whether a file that was read begins with the payload. */
export function holdsPayload(found: FoundBytes | undefined, image: Fingerprint): boolean {
  return found?.kind === 'intact' && beginsWith(found.value, image);
}

function isSaid(bytes: Uint8Array | null, test: NonNullable<When['status']>): boolean {
  return bytes !== null && passes(fileText(bytes), test);
}

/** What the first rule that holds says; `null`: none does. */
export function judgeRules({ verdicts }: Pick<Profile, 'verdicts'>, known: Remembered, seen: Seen): Judgement | null {
  const rule = verdicts.find(({ when }) => holdsTrue(when, known, seen));
  return rule === undefined ? null : { code: CODES[rule.is] };
}
