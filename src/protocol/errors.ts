import { FAULTS, type Fault, type FaultCode } from './faults.ts';

/** The one error that spacepack throws on purpose. `message` says what was expected and what was found. */
export class SpacepackError extends Error {
  readonly code: FaultCode;
  /** What to do now: the remedy from the table, or one that fits this system better. */
  readonly remedy: string;
  /** `true`: the failed call is known to have changed nothing. `false`: it may have changed something. */
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

/** What a caught value says: the message of an error, anything else as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * A caught value as a SpacepackError: itself if it is one; `own-disk` for a system call that failed on a file, since
 * failures on volumes already have their own code where they happen; else `unexpected`. The value is the cause.
 */
export function toSpacepackError(thrown: unknown): SpacepackError {
  if (thrown instanceof SpacepackError) return thrown;
  return new SpacepackError(isOfOwnDisk(thrown) ? 'own-disk' : 'unexpected', messageOf(thrown), { cause: thrown });
}

/** Calls on the network and on programs, and errors that only our own bugs cause. */
const OTHER_CALLS = /^(connect|listen|bind|accept|getaddrinfo|shutdown|spawn|kill)/;
const OTHER_ERRORS = /^E(CONN|ADDR|HOST|NET|AI_|PIPE|NOTCONN|NOTSOCK|BADF|FAULT|SRCH|PROTO)/;

function isOfOwnDisk(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !('code' in thrown)) return false;
  const call: unknown = 'syscall' in thrown ? thrown.syscall : null;
  // A user with neither a home nor an entry in passwd, as in containers, has no place for own files.
  if (thrown.code === 'ERR_SYSTEM_ERROR') return /^uv_os_(homedir|get_passwd)$/.test(String(call));
  if (typeof thrown.code !== 'string' || !/^E[A-Z0-9]+$/.test(thrown.code)) return false;
  return !OTHER_ERRORS.test(thrown.code) && !OTHER_CALLS.test(String(call));
}
