import { SpacepackError } from '../../protocol/errors.ts';
import type { Computer } from '../computer.ts';
import { isStillAttached, listWindowsDisks, type WindowsDisk } from './listing.ts';

/**
 * For how long an attach that was seen needs no second look, in ms: a device cannot be pulled out and be back with its letter
 * in less, and each look starts PowerShell, which takes a second.
 */
const FRESH_MS = 2_000;

/** Which devices are attached, and whether they still are: the letter alone would show another device with the same card. */
export interface Attachments {
  /** The disks on USB. Rejects with `listing-failed`. */
  list(): Promise<readonly WindowsDisk[]>;
  /** Whether the device of that attachment has not been attached again. Rejects with `listing-failed`. */
  isCurrent(attachment: string): Promise<boolean>;
}

export function createAttachments({ run, clock }: Pick<Computer, 'run' | 'clock'>): Attachments {
  const seen = new Map<string, { readonly at: number; readonly gaps: number }>();
  const described = new Set<string>();
  const moment = (): { at: number; gaps: number } => ({ at: clock.now(), gaps: clock.gaps() });
  return {
    async list() {
      const before = moment();
      const { disks, odd } = await listWindowsDisks(run);
      const lost = odd.find(({ instance }) => described.has(instance));
      if (lost !== undefined) {
        throw new SpacepackError(
          'listing-failed',
          `Expected Windows to describe ${lost.instance} as before, found: ${lost.trouble}`,
        );
      }
      for (const { instance, attachment } of disks) {
        if (instance !== null) described.add(instance);
        seen.set(attachment, before);
      }
      return disks;
    },
    async isCurrent(attachment) {
      const now = moment();
      const last = seen.get(attachment);
      if (last !== undefined && last.gaps === now.gaps && now.at - last.at <= FRESH_MS) return true;
      const isCurrent = await isStillAttached(run, attachment);
      if (isCurrent) seen.set(attachment, now);
      return isCurrent;
    },
  };
}
