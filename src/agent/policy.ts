import type { AgentSettings } from './agent-settings.ts';
import type { Standing } from './back-off.ts';
import { isQuiet } from './quiet-hours.ts';

/** Why nothing is done about a newer release for now. */
export type WaitReason = 'quiet-hours' | 'battery' | 'backing-off' | 'given-up' | 'told-before';

/** What to do about a release that fits a device and is newer than what it runs. */
export type Decision =
  | { readonly kind: 'tell' }
  | { readonly kind: 'ask' }
  | { readonly kind: 'update' }
  | { readonly kind: 'wait'; readonly reason: WaitReason; readonly message: string };

export interface Circumstances {
  readonly settings: AgentSettings;
  readonly now: Date;
  /** What the device reported when last plugged in, in percent; `null`: it has no battery, or does not report it. */
  readonly batteryPercent: number | null;
  /** What the device and the release require. */
  readonly neededPercents: readonly number[];
  readonly standing: Standing;
  /** The person was told or asked about this release for this device before. */
  readonly toldBefore: boolean;
  /** The person wants it now: earlier messages and attempts do not count, and quiet hours do not apply. */
  readonly wanted: boolean;
}

const wait = (reason: WaitReason, message: string): Decision => ({ kind: 'wait', reason, message });

function batteryObstacle({ settings, batteryPercent, neededPercents }: Circumstances): Decision | null {
  const needed = Math.max(settings.leastBatteryPercent, ...neededPercents);
  if (batteryPercent === null || batteryPercent >= needed) return null;
  const found = `found ${batteryPercent} % when the device was last plugged in`;
  return wait('battery', `Expected a battery of at least ${needed} %, ${found}.`);
}

function standingObstacle({ standing }: Circumstances): Decision | null {
  if (standing.kind === 'clear') return null;
  if (standing.kind === 'given-up') {
    return wait('given-up', 'It failed twice on this device and is not tried again until there is a newer one.');
  }
  return wait('backing-off', `The last attempt failed; the next is not before ${standing.until.toISOString()}.`);
}

/**
 * Decides what to do now, by the person's policy alone. Telling does not depend on the battery; asking and updating do.
 */
export function decide(circumstances: Circumstances): Decision {
  const { settings, now, wanted, toldBefore } = circumstances;
  if (wanted) return batteryObstacle(circumstances) ?? { kind: 'update' };
  if (isQuiet(settings.quietHours, now)) return wait('quiet-hours', 'Quiet hours apply now.');
  if (settings.policy !== 'auto' && toldBefore) return wait('told-before', 'The person already knows about it.');
  if (settings.policy === 'notify') return { kind: 'tell' };
  const obstacle = standingObstacle(circumstances) ?? batteryObstacle(circumstances);
  return obstacle ?? { kind: settings.policy === 'auto' ? 'update' : 'ask' };
}
