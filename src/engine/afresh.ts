import { SpacepackError } from '../protocol/errors.ts';
import type { Pending } from '../protocol/machine.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { RunContext } from './context.ts';
import { type HeardDevice, hear } from './hear.ts';
import { freshMount } from './sighting.ts';

/** What a mount made after the trigger was written shows about it. */
export type Afresh =
  /** The device has been away meanwhile. */
  | { readonly kind: 'returned'; readonly volume: MountedVolume }
  /** Nothing was committed (protocol §10.4). */
  | { readonly kind: 'never-arrived'; readonly volume: MountedVolume }
  | { readonly kind: 'committed'; readonly volume: MountedVolume }
  /** `volume`: where it was looked. */
  | { readonly kind: 'not-known'; readonly volume?: MountedVolume };

const KINDS = { answered: 'returned', 'never-arrived': 'never-arrived', waiting: 'committed' } as const;

function afreshOf({ family }: RunContext, { trace }: HeardDevice, volume: MountedVolume): Afresh {
  if (trace === null || !(trace.kind in KINDS)) return { kind: 'not-known', volume };
  // Flash memory that was programmed before the commit is no longer what it was, whatever arrived after that.
  if (trace.kind === 'never-arrived' && family.programming !== null) return { kind: 'not-known', volume };
  return { kind: KINDS[trace.kind as keyof typeof KINDS], volume };
}

/** Takes that look; unmounts first if the volume is still mounted as before. If the look fails: "not known". */
export async function lookAfresh(context: RunContext, before: MountedVolume, pending: Pending): Promise<Afresh> {
  // A device that takes every write for a part of what it is to install is only looked at.
  const options = context.family.returns === 'in-place' ? { readOnly: true } : {};
  let volume: MountedVolume | null = null;
  try {
    volume = await freshMount(context, before, options);
    if (volume === null) return { kind: 'not-known' };
    return afreshOf(context, await hear(context, volume, pending.commitment), volume);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    return volume === null ? { kind: 'not-known' } : { kind: 'not-known', volume };
  }
}
