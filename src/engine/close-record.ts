import { SpacepackError } from '../protocol/errors.ts';
import type { Context } from './context.ts';
import { type Notice, notice } from './report.ts';

/**
 * The end of a commit is known: closes its record. What the device said stands, whether that succeeds or not; the next run copes with
 * a record that stayed. In a dry run it stays.
 */
export async function closeRecord({ environment, findings, options }: Context, nonce: string): Promise<Notice | null> {
  findings.dealtWith.add(nonce);
  findings.open = findings.open.filter((record) => record.nonce !== nonce);
  if (options.dryRun) return null;
  try {
    await environment.records.close(nonce);
    return null;
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    const message = `The record of this update could not be closed, which changes nothing: ${thrown.message}`;
    return notice('record-kept', message);
  }
}
