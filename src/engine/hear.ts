import { compareSerials } from '../protocol/identity.ts';
import type { Info } from '../protocol/info.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { Commitment, Testimony } from '../protocol/verdict.ts';
import type { Context } from './context.ts';
import { type Found, readInfo, readStatus, readTrigger } from './reading.ts';

/** What a volume was found to say. */
export interface Heard {
  readonly info: Found<Info>;
  /** `null` while INFO.TXT cannot be read, is of another device, or not of a later boot than the commit. */
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
  // A card can be taken out and another device's put in, while the device stays where it is.
  if (compareSerials(info.value.serial, commitment.serial) === 'other') return { info, testimony: null };
  // protocol §6.1: one of another boot count is stale.
  const fresh = status.kind === 'intact' && status.value.bootCount === info.value.bootCount;
  const present = trigger.kind === 'intact' && trigger.value.nonce === commitment.nonce;
  // protocol §7.2: of an older session, and not intact, so that no device acts on it.
  const torn = trigger.kind === 'torn' || trigger.kind === 'unreadable';
  const testimony: Testimony = {
    info: info.value,
    status: fresh ? status.value : null,
    trigger: present ? 'present' : torn ? 'torn' : 'gone',
  };
  return { info, testimony };
}

/** Whether the device that speaks is for sure the one that this was committed to: it knows the nonce. */
export function knowsNonce({ status }: Testimony, { nonce }: Pick<Commitment, 'nonce'>): boolean {
  return status !== null && (status.nonce === nonce || status.pingNonce === nonce);
}
