import type { ChannelView } from '../channel/client.ts';
import type { Outcome, Report } from '../engine/report.ts';
import type { News } from './journal-entry.ts';
import type { WaitReason } from './policy.ts';

/** What a run found about a device and did about it. */
export type DeviceStanding =
  /** It runs the newest release that is offered to it. */
  | 'current'
  | 'told'
  | 'declined'
  /** Updated, or tried: the outcome says how it ended. */
  | 'ended'
  /** Nobody could be told or asked. */
  | 'unreachable'
  /** Not to be understood as it is: unmounted, not readable, in another version of the protocol. */
  | 'unready'
  | WaitReason;

/** A device at the end of a run. */
export interface DeviceResult {
  readonly device: string;
  readonly standing: DeviceStanding;
  /** What runs, before the run; `null`: nothing, or not known. */
  readonly from: string | null;
  /** Version and name of the release that is offered to it; `null`: none. */
  readonly to: string | null;
  readonly release: string | null;
  /** One sentence for people. */
  readonly message: string;
  /** `null` unless an update was tried. */
  readonly outcome: Outcome | null;
}

/** How the channel was found. */
export interface ChannelSight {
  readonly freshness: ChannelView['freshness'];
  readonly expiresAt: Date;
  readonly requests: number;
}

/** What a run of the login item tells while it goes on. */
export type AgentReport =
  | { readonly type: 'channel'; readonly sight: ChannelSight }
  | { readonly type: 'told'; readonly device: string; readonly finding: News }
  | { readonly type: 'run'; readonly device: string; readonly report: Report }
  | { readonly type: 'device'; readonly result: DeviceResult }
  /** Worth knowing, and changes nothing about how the run ended. */
  | { readonly type: 'notice'; readonly device: string; readonly message: string };

/** A run at its end. `channel` is `null` if there was no device, and so no reason to ask. */
export interface AgentSummary {
  readonly devices: readonly DeviceResult[];
  readonly channel: ChannelSight | null;
}
