import { errnoOf } from '../computer/errno.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { FaultCode } from '../protocol/faults.ts';
import { permissionRemedy, readOnlyRemedy, type System } from './remedies.ts';

/**
 * What a failed system call on a volume means. Names not listed mean `volume-io`; only a look can show that it has
 * left.
 */
const FAULTS_OF_ERRNO: Readonly<Record<string, FaultCode>> = {
  EROFS: 'volume-read-only',
  ENOSPC: 'volume-full',
  EDQUOT: 'volume-full',
  EFBIG: 'volume-full',
  // macOS denies by privacy setting with EPERM, by file mode with EACCES.
  EPERM: 'volume-permission',
  EACCES: 'volume-permission',
  EBUSY: 'volume-busy',
  ETXTBSY: 'volume-busy',
  ETIMEDOUT: 'volume-stalled',
  EEXIST: 'volume-foreign',
  EISDIR: 'volume-foreign',
  ENOTDIR: 'volume-foreign',
  ENOTEMPTY: 'volume-foreign',
  ELOOP: 'volume-foreign',
  EMLINK: 'volume-foreign',
  EIO: 'volume-io',
  ENOENT: 'volume-io',
};

/** The fault code for an errno name. */
export function faultOfErrno(errno: string): FaultCode {
  return FAULTS_OF_ERRNO[errno] ?? 'volume-io';
}

/** What a look at the volume showed after a call on it failed. */
export interface Aftermath {
  /** It is no longer there, and that is the cause, whatever the call said. */
  readonly gone: boolean;
  /** The id of the user it is mounted for; `null`: not known. */
  readonly owner: number | null;
}

/** Turns a failed system call on a volume into the error that people read. Anything else is returned unchanged. */
export function volumeError(thrown: unknown, doing: string, { gone, owner }: Aftermath, system: System): unknown {
  if (thrown instanceof SpacepackError) return thrown;
  const errno = errnoOf(thrown);
  if (errno === null) return thrown;
  const code = gone ? 'volume-gone' : faultOfErrno(errno);
  const found = gone ? `the volume is no longer there (${errno})` : `found ${errno}`;
  return new SpacepackError(code, `${doing}: ${found}.`, { cause: thrown, ...remedyFor(code, errno, system, owner) });
}

function remedyFor(code: FaultCode, errno: string, system: System, owner: number | null): { remedy?: string } {
  if (code === 'volume-permission') return { remedy: permissionRemedy(errno, system, owner) };
  if (code === 'volume-read-only') return { remedy: readOnlyRemedy(system) };
  return {};
}
