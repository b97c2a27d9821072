/**
 * A time of day when nobody is told or asked and no device is updated. Minutes of the day, local time; may span
 * midnight.
 */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

const DAY_MINUTES = 24 * 60;
const TIME = '([01]\\d|2[0-3]):([0-5]\\d)';
const PATTERN = new RegExp(`^${TIME}-${TIME}$`);

/** Reads `22:00-07:00`; `null` if the text has another form, or would mean the whole day. */
export function parseQuietHours(text: string): QuietHours | null {
  const [, fromHour, fromMinute, toHour, toMinute] = PATTERN.exec(text) ?? [];
  if (fromHour === undefined) return null;
  const quiet = {
    fromMinute: Number(fromHour) * 60 + Number(fromMinute),
    toMinute: Number(toHour) * 60 + Number(toMinute),
  };
  return quiet.fromMinute === quiet.toMinute ? null : quiet;
}

/** In the form that `parseQuietHours` reads. */
export function formatQuietHours({ fromMinute, toMinute }: QuietHours): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  return `${time(fromMinute)}-${time(toMinute)}`;
}

/** Whether a moment is in the quiet hours, in local time. The first minute is quiet, the last is not. */
export function isQuiet(quiet: QuietHours | null, date: Date): boolean {
  if (quiet === null) return false;
  const minute = date.getHours() * 60 + date.getMinutes();
  const { fromMinute, toMinute } = quiet;
  return fromMinute < toMinute ? fromMinute <= minute && minute < toMinute : fromMinute <= minute || minute < toMinute;
}

/**
 * The longest pause between two runs, in whole hours and up to `wantedHours`, with at least one run a day outside the
 * quiet hours.
 */
export function hoursBetweenRuns(wantedHours: number, quiet: QuietHours | null): number {
  if (quiet === null) return wantedHours;
  const quietMinutes = (quiet.toMinute - quiet.fromMinute + DAY_MINUTES) % DAY_MINUTES;
  return Math.max(1, Math.min(wantedHours, Math.floor((DAY_MINUTES - quietMinutes) / 60)));
}
