import { isBoolean, oneOf, type Shape, withFields } from '../shapes.ts';

/** What was seen of the flash memory before the commit. */
export interface Uf2Memory {
  /** `all`: it held the image. `until-commit`: the same, but the board writes a part of it once more. `no`: not read. */
  readonly proven: 'all' | 'until-commit' | 'no';
  /** Not proven, but written without an error while the board was there. */
  readonly isSent?: boolean;
}

const isProven: Shape<Pick<Uf2Memory, 'proven'>> = withFields({ proven: oneOf('all', 'until-commit', 'no') });

export function parseUf2Memory(value: unknown): Uf2Memory | null {
  if (!isProven(value)) return null;
  const { proven } = value;
  const isSent = Reflect.get(value, 'isSent');
  return isBoolean(isSent) ? { proven, isSent } : { proven };
}
