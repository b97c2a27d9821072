import type { Commitment, Testimony, Trace } from '../protocol/commitment.ts';
import type { DeviceInfo } from '../protocol/device-info.ts';
import type { Found } from '../protocol/found.ts';
import { compareSerials } from '../protocol/identity.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { RunContext } from './context.ts';
import { readInfo, readWitnesses } from './reading.ts';

/** What a volume says about a commit. */
export interface HeardDevice {
  readonly info: Found<DeviceInfo>;
  /** `null` while the device cannot be read, or is another one. */
  readonly trace: Trace | null;
}

/** Reads the three witnesses at once. */
export async function hear(context: RunContext, volume: MountedVolume, commitment: Commitment): Promise<HeardDevice> {
  const [info, witnesses] = await Promise.all([readInfo(context, volume), readWitnesses(context, volume)]);
  // A card can be taken out and another device's put in, while the device stays where it is.
  const isOther = info.kind === 'intact' && compareSerials(info.value.serial, commitment.serial) === 'other';
  if (info.kind !== 'intact' || isOther) return { info, trace: null };
  return { info, trace: context.family.trace(commitment, info.value, witnesses) };
}

/** What was heard, if the device has been away since the commit. */
export function testimonyOf({ trace }: HeardDevice): Testimony | null {
  return trace?.kind === 'answered' ? trace.testimony : null;
}
