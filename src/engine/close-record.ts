import { SpacepackError } from '../protocol/errors.ts';
import type { Commitment } from '../protocol/verdict.ts';
import type { Context } from './context.ts';
import { type Notice, notice, type Report } from './report.ts';

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

/** A commit is known never to have reached the device: what was read before it holds again. */
export async function* forget(
  context: Context,
  { nonce, oldImage }: Pick<Commitment, 'nonce' | 'oldImage'>,
): AsyncGenerator<Report, void> {
  const { findings } = context;
  const kept = await closeRecord(context, nonce);
  if (kept !== null) yield kept;
  findings.now = { image: oldImage };
  findings.to = findings.from;
}
