import { FAULTS, type Fault, type FaultCode } from './faults.ts';

/** The one error that spacepack throws on purpose. `message` says what was expected and what was found. */
export class SpacepackError extends Error {
  readonly code: FaultCode;
  /** What to do now: the table's remedy, or one that fits this system better. */
  readonly remedy: string;
  /** The call that failed is known to have changed nothing. `false`: it may or may not have. */
  readonly noEffect: boolean;

  constructor(
    code: FaultCode,
    message: string,
    options: { remedy?: string; cause?: unknown; noEffect?: boolean } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'SpacepackError';
    this.code = code;
    this.remedy = options.remedy ?? FAULTS[code].remedy;
    this.noEffect = options.noEffect ?? false;
  }

  get fault(): Fault {
    return FAULTS[this.code];
  }
}

/** What a caught value is as a SpacepackError: itself, or `unexpected` with it as the cause. */
export function toSpacepackError(thrown: unknown): SpacepackError {
  if (thrown instanceof SpacepackError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SpacepackError('unexpected', message, { cause: thrown });
}
