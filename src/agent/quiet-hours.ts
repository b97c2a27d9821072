/** A time of day in which nobody is told, asked, or has a device updated. Minutes of the day, local time; may span midnight. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

const DAY_MINUTES = 24 * 60;
const TIME = '([01]\\d|2[0-3]):([0-5]\\d)';
const PATTERN = new RegExp(`^${TIME}-${TIME}$`);

/** Reads `22:00-07:00`; `null` if the text is none, or would be the whole day. */
export function parseQuietHours(text: string): QuietHours | null {
  const [, fromHour, fromMinute, toHour, toMinute] = PATTERN.exec(text) ?? [];
  if (fromHour === undefined) return null;
  const quiet = {
    fromMinute: Number(fromHour) * 60 + Number(fromMinute),
    toMinute: Number(toHour) * 60 + Number(toMinute),
  };
  return quiet.fromMinute === quiet.toMinute ? null : quiet;
}

/** As `parseQuietHours` reads it. */
export function formatQuietHours({ fromMinute, toMinute }: QuietHours): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  return `${time(fromMinute)}-${time(toMinute)}`;
}

/** Whether a moment lies in the quiet hours, by the clock on the wall. The first minute is quiet, the last is not. */
export function isQuiet(quiet: QuietHours | null, date: Date): boolean {
  if (quiet === null) return false;
  const minute = date.getHours() * 60 + date.getMinutes();
  const { fromMinute, toMinute } = quiet;
  return fromMinute < toMinute ? fromMinute <= minute && minute < toMinute : fromMinute <= minute || minute < toMinute;
}

/** The longest pause between two runs, in whole hours, of which at least one falls outside the quiet hours each day. */
export function hoursBetweenRuns(wantedHours: number, quiet: QuietHours | null): number {
  if (quiet === null) return wantedHours;
  const quietMinutes = (quiet.toMinute - quiet.fromMinute + DAY_MINUTES) % DAY_MINUTES;
  return Math.max(1, Math.min(wantedHours, Math.floor((DAY_MINUTES - quietMinutes) / 60)));
}
