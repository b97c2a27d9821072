import { isTime } from '../computer/utc-time.ts';
import { type FaultCode, isFaultCode, type Verdict } from '../protocol/faults.ts';
import { isNumber, isText, oneOf, orNull, parseJson, type Shape, such, withFields } from '../protocol/shapes.ts';

/** Who wanted it. */
export type Author = 'agent' | 'person';

/** What a person is notified of, once for each release and device. */
export type News = 'available' | 'asked' | 'applied' | 'failed' | 'given-up';

interface Common {
  /** Wall time, ISO 8601 in UTC. */
  readonly at: string;
  /** The device's serial. */
  readonly device: string;
  /** Name of the release in the channel; `null`: the person's own image file. */
  readonly release: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * One line of the journal: what the person was told, or what was tried. An attempt that began and did not end was cut
 * off.
 */
export type JournalEntry =
  | (Common & { readonly event: 'told'; readonly finding: News })
  | (Common & { readonly event: 'began'; readonly by: Author })
  | (Common & {
      readonly event: 'ended';
      readonly by: Author;
      readonly verdict: Verdict;
      readonly code: FaultCode;
      readonly message: string;
      readonly elapsedMs: number;
    });

type Event<Name extends JournalEntry['event']> = Extract<JournalEntry, { readonly event: Name }>;

const COMMON = {
  at: isTime,
  device: isText,
  release: orNull(isText),
  from: orNull(isText),
  to: orNull(isText),
} as const;
const isAuthor = oneOf<Author>('agent', 'person');
const isTold = withFields<Event<'told'>>({
  ...COMMON,
  event: oneOf('told'),
  finding: oneOf<News>('available', 'asked', 'applied', 'failed', 'given-up'),
});
const isBegan = withFields<Event<'began'>>({ ...COMMON, event: oneOf('began'), by: isAuthor });
const isEnded = withFields<Event<'ended'>>({
  ...COMMON,
  event: oneOf('ended'),
  by: isAuthor,
  code: such(isText, isFaultCode),
  verdict: oneOf('applied', 'unchanged', 'rejected', 'failed', 'indeterminate', 'refused'),
  message: isText,
  elapsedMs: isNumber,
});

const isEntry: Shape<JournalEntry> = (value) => isTold(value) || isBegan(value) || isEnded(value);

/** An entry from a line of the journal; `null` if it is incomplete or from a later version. */
export function parseEntry(line: string): JournalEntry | null {
  return parseJson(line, isEntry);
}
