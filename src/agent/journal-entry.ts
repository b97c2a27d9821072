import type { FaultCode, Verdict } from '../protocol/faults.ts';
import { FAULTS } from '../protocol/faults.ts';

/** Who wanted it. */
export type Author = 'agent' | 'person';

/** What a person is told of, once for each release and device. */
export type Finding = 'available' | 'asked' | 'applied' | 'failed' | 'given-up';

interface Common {
  /** Wall time, ISO 8601 in UTC. */
  readonly at: string;
  /** The device's serial. */
  readonly device: string;
  /** Name of the release in the channel; `null`: an image file of the person's own. */
  readonly release: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

/** One line of the journal: what was told, and what was tried. An attempt that began and did not end was cut off. */
export type JournalEntry =
  | (Common & { readonly event: 'told'; readonly finding: Finding })
  | (Common & { readonly event: 'began'; readonly by: Author })
  | (Common & {
      readonly event: 'ended';
      readonly by: Author;
      readonly verdict: Verdict;
      readonly code: FaultCode;
      readonly message: string;
      readonly elapsedMs: number;
    });

type Holds = (value: unknown) => boolean;

const FINDINGS: readonly unknown[] = [
  'available',
  'asked',
  'applied',
  'failed',
  'given-up',
] satisfies readonly Finding[];
const isText: Holds = (value) => typeof value === 'string';
const isTextOrNull: Holds = (value) => value === null || isText(value);
const isTime: Holds = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isAuthor: Holds = (value) => value === 'agent' || value === 'person';

const COMMON = { at: isTime, device: isText, release: isTextOrNull, from: isTextOrNull, to: isTextOrNull } as const;
const FORMS: Readonly<Record<JournalEntry['event'], Readonly<Record<string, Holds>>>> = {
  told: { ...COMMON, finding: (value) => FINDINGS.includes(value) },
  began: { ...COMMON, by: isAuthor },
  ended: {
    ...COMMON,
    by: isAuthor,
    code: (value) => typeof value === 'string' && Object.hasOwn(FAULTS, value),
    verdict: isText,
    message: isText,
    elapsedMs: (value) => Number.isFinite(value),
  },
};

const isEvent = (value: unknown): value is JournalEntry['event'] =>
  typeof value === 'string' && Object.hasOwn(FORMS, value);

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null || !('event' in value) || !isEvent(value.event)) return false;
  return Object.entries(FORMS[value.event]).every(([key, holds]) => holds(Reflect.get(value, key)));
}

/** An entry from a line of the journal; `null` for one that was torn, or is of a later version. */
export function parseEntry(line: string): JournalEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}
