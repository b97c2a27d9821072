import { isBoolean, isTable, isText, orNull, type Shape, withFields } from '../shapes.ts';
import { isDigest, isFingerprint } from './fingerprint.ts';
import type { Remembered } from './witnesses.ts';

const isBefore: Shape<Remembered['before']> = (value): value is Remembered['before'] =>
  isTable(value) && Object.values(value).every(orNull(isDigest));

export const isRemembered: Shape<Remembered> = withFields<Remembered>({
  image: isFingerprint,
  before: isBefore,
  version: orNull(isText),
  hasArrived: isBoolean,
});
