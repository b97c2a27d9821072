import { SpacepackError } from '../../protocol/errors.ts';
import { FAULTS, type FaultCode } from '../../protocol/faults.ts';
import { printable } from '../../protocol/printable.ts';
import type { Result } from '../talk/result.ts';

/** The only end without proof that a script may take for success: nothing more can be known of some boards. */
const ACCEPTABLE: FaultCode = 'received';

export const acceptOption = {
  accept: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Exit with 0 if it ends with this code, though that proves nothing: only received',
  },
} as const;

/** Reads `--accept`. Throws `usage`. */
export function acceptedIn(codes: readonly string[] = []): readonly FaultCode[] {
  const other = codes.find((code) => code !== ACCEPTABLE);
  if (other === undefined) return codes.length > 0 ? [ACCEPTABLE] : [];
  throw new SpacepackError('usage', `Expected --accept ${ACCEPTABLE}, found --accept ${printable(other)}.`);
}

/** A result whose code is accepted: still without proof, but no failure. */
export function withAccepted(result: Result, accepted: readonly FaultCode[]): Result {
  const { code, message } = result;
  if (!accepted.includes(code) || FAULTS[code].verdict !== 'indeterminate') return result;
  return {
    ...result,
    exit: 0,
    accepted: true,
    message: `${message} That is taken for success, as --accept ${code} asks; it is not proven.`,
  };
}
