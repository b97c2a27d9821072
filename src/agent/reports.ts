import type { ChannelView } from '../channel/client.ts';
import type { Outcome, Report } from '../engine/report.ts';
import type { News } from './journal-entry.ts';
import type { WaitReason } from './policy.ts';

/** What a run found out about a device and did. */
export type DeviceStanding =
  /** It runs the newest release that is offered to it. */
  | 'current'
  | 'told'
  | 'declined'
  /** An update was tried: the outcome says how it ended. */
  | 'ended'
  /** Nobody could be told or asked. */
  | 'unreachable'
  /** Cannot be understood as it is: unmounted, not readable, or with another version of the protocol. */
  | 'unready'
  | WaitReason;

/** A device at the end of a run. */
export interface DeviceResult {
  readonly device: string;
  readonly standing: DeviceStanding;
  /** What ran before this run; `null`: nothing, or not known. */
  readonly from: string | null;
  /** Version and name of the release offered to it; `null`: none. */
  readonly to: string | null;
  readonly release: string | null;
  /** One sentence for people. */
  readonly message: string;
  /** `null` unless an update was tried. */
  readonly outcome: Outcome | null;
}

/** What the run found in the channel. */
export interface ChannelSight {
  readonly freshness: ChannelView['freshness'];
  readonly expiresAt: Date;
  readonly requests: number;
}

/** What a run of the login item reports as it goes. */
export type AgentReport =
  | { readonly type: 'channel'; readonly sight: ChannelSight }
  | { readonly type: 'told'; readonly device: string; readonly finding: News }
  | { readonly type: 'run'; readonly device: string; readonly report: Report }
  | { readonly type: 'device'; readonly result: DeviceResult }
  /** Worth knowing, but does not change how the run ended. `device` is `null` if it is about none. */
  | { readonly type: 'notice'; readonly device: string | null; readonly message: string };

/** A finished run. `channel` is `null` if there was no device, and so no reason to ask. */
export interface AgentSummary {
  readonly devices: readonly DeviceResult[];
  readonly channel: ChannelSight | null;
}
