import type { Voice } from './speaker.ts';

/** How progress is shown while a command goes on. */
export type Show = Pick<Voice, 'tell' | 'close'>;
