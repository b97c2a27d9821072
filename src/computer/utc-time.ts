import { type Shape, such, textLike } from '../protocol/shapes.ts';

/** A time in UTC as `Date.toISOString` writes it, with or without a part of a second, in a year of four digits. */
export const isTime: Shape<string> = such(
  textLike(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
  (text) => !Number.isNaN(Date.parse(text)),
);
