import { join } from 'node:path';
import { readText, writeWhole } from '../computer/own-disk.ts';
import { messageOf, type SpacepackError } from '../protocol/errors.ts';
import { isText, orNull, parseJson, withFields } from '../protocol/shapes.ts';
import type { Notification } from './notifier.ts';

/**
 * How long a channel may be silent before the person is told. Makers sign it anew each day, and it expires a week later:
 * there are still some days to mend it.
 */
export const SILENCE_MS: number = 4 * 24 * 3_600_000;

/** Of which silence the person was told. */
export interface SilenceMemory {
  /** When the channel was last heard before that silence; `undefined`: the person was told of none. */
  told(): Promise<string | null | undefined>;
  remember(heardAt: string | null): Promise<void>;
}

const NAME = 'silence.json';
const isTold = withFields({ heardAt: orNull(isText) });

export function silenceMemory(folder: () => Promise<string>): SilenceMemory {
  return {
    async told() {
      const text = await readText(join(await folder(), NAME)).catch(() => '');
      return parseJson(text, isTold)?.heardAt;
    },
    remember: async (heardAt) => writeWhole(join(await folder(), NAME), JSON.stringify({ heardAt })),
  };
}

/** Whether a channel that was not heard now has been silent for so long that the person should know. */
export function isLongSilence(heardAt: Date | null, now: Date, failure: SpacepackError | null): boolean {
  if (heardAt === null || failure?.code === 'channel-expired') return true;
  return now.getTime() - heardAt.getTime() >= SILENCE_MS;
}

/** What the person is told of it. */
export function silenceWords(heardAt: Date | null, failure: SpacepackError | null): Notification {
  const since = heardAt === null ? 'has never been heard' : `was last heard on ${heardAt.toISOString().slice(0, 10)}`;
  const why = failure === null ? '' : `${failure.fault.meaning} ${messageOf(failure)}`;
  return {
    title: 'Firmware updates: no word from the channel',
    body: `The channel ${since}. Newer firmware cannot be found until it is heard again. ${failure?.remedy ?? ''} ${why}`.trim(),
  };
}
