import type { Info } from '../protocol/info.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { Commitment, Testimony } from '../protocol/verdict.ts';
import type { Context } from './context.ts';
import { type Found, readInfo, readStatus, readTrigger } from './reading.ts';

/** What a volume was found to say. */
export interface Heard {
  readonly info: Found<Info>;
  /** `null` while INFO.TXT cannot be read or is not of a later boot than the commit. */
  readonly testimony: Testimony | null;
}

/** Asks the three witnesses (protocol §10.2) at once. */
export async function hear(context: Context, volume: MountedVolume, commitment: Commitment): Promise<Heard> {
  const [info, status, trigger] = await Promise.all([
    readInfo(context, volume),
    readStatus(context, volume),
    readTrigger(context, volume),
  ]);
  if (info.kind !== 'intact' || info.value.bootCount <= commitment.bootCount) return { info, testimony: null };
  // protocol §6.1: one of another boot count is stale.
  const fresh = status.kind === 'intact' && status.value.bootCount === info.value.bootCount;
  const present = trigger.kind === 'intact' && trigger.value.nonce === commitment.nonce;
  const testimony: Testimony = {
    info: info.value,
    status: fresh ? status.value : null,
    trigger: present ? 'present' : trigger.kind === 'torn' ? 'unknown' : 'gone',
  };
  return { info, testimony };
}
