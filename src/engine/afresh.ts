import { SpacepackError } from '../protocol/errors.ts';
import { compareSerials } from '../protocol/identity.ts';
import type { Pending } from '../protocol/machine.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { Context } from './context.ts';
import { readInfo, readTrigger } from './reading.ts';
import { freshMount } from './sighting.ts';

/** What a mount made since the trigger was written shows of it. */
export type Afresh =
  /** The device has been away meanwhile. */
  | { readonly kind: 'returned'; readonly volume: MountedVolume }
  /** protocol §10.4: at the same boot count and session, without an intact trigger, nothing was committed. */
  | { readonly kind: 'never-arrived'; readonly volume: MountedVolume }
  | { readonly kind: 'committed'; readonly volume: MountedVolume }
  | { readonly kind: 'not-known'; readonly why: string };

/** Takes that look, unmounting first what is still mounted as before. Whatever stands in the way of it is "not known". */
export async function lookAfresh(context: Context, before: MountedVolume, pending: Pending): Promise<Afresh> {
  try {
    const volume = await freshMount(context, before);
    if (volume === null) return { kind: 'not-known', why: 'the volume could not be mounted anew' };
    return await judge(context, volume, pending);
  } catch (thrown) {
    if (thrown instanceof SpacepackError) return { kind: 'not-known', why: thrown.message };
    throw thrown;
  }
}

async function judge(context: Context, volume: MountedVolume, { commitment }: Pending): Promise<Afresh> {
  const info = await readInfo(context, volume);
  if (info.kind !== 'intact') return { kind: 'not-known', why: info.why };
  const { bootCount, details, serial } = info.value;
  if (compareSerials(serial, commitment.serial) === 'other')
    return { kind: 'not-known', why: 'the card is of another device' };
  if (bootCount > commitment.bootCount) return { kind: 'returned', volume };
  if (bootCount !== commitment.bootCount || details?.session !== commitment.session) {
    return { kind: 'not-known', why: 'INFO.TXT is of another session' };
  }
  const trigger = await readTrigger(context, volume);
  if (trigger.kind === 'unreadable') return { kind: 'not-known', why: trigger.why };
  const isThere = trigger.kind === 'intact' && trigger.value.nonce === commitment.nonce;
  return { kind: isThere ? 'committed' : 'never-arrived', volume };
}
