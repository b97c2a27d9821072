import type { AgentKey } from '../../agent/agent-settings.ts';
import type { Author, News } from '../../agent/journal-entry.ts';
import type { DeviceLine } from '../../agent/last-run.ts';
import type { ProbeFinding } from '../../agent/probe.ts';
import type { ChannelSight, DeviceStanding } from '../../agent/reports.ts';
import type { FaultCode, Verdict } from '../../protocol/faults.ts';

/** How the last run of the login item ended. */
export interface LastRunFacts {
  readonly at: string;
  readonly code: FaultCode;
  readonly message: string;
  readonly devices: readonly DeviceLine[];
}

/** The state of the login item. */
export interface AgentFacts {
  readonly installed: boolean;
  /** The system will start it. */
  readonly active: boolean;
  /** What it starts; `null`: no login item is installed, or it cannot be understood. */
  readonly node: string | null;
  readonly script: string | null;
  readonly settings: Readonly<Record<AgentKey, string>>;
  readonly lastRun: LastRunFacts | null;
}

/** A change to the computer: made, or with --dry-run only shown. */
export interface StepFacts {
  readonly step: 'folder' | 'write' | 'remove' | 'run';
  readonly path: string | null;
  readonly content: string | null;
  readonly command: readonly string[] | null;
  readonly done: boolean;
}

/** An attempt to update a device. `null`: it was cut off, and how it ended was not recorded. */
export interface AttemptFacts {
  readonly at: string;
  readonly by: Author;
  readonly release: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly verdict: Verdict | null;
  readonly code: FaultCode | null;
  readonly message: string;
  readonly tookMs: number | null;
}

/** The events of the commands of the login item. */
export type AgentEvent =
  | {
      readonly event: 'channel';
      readonly freshness: ChannelSight['freshness'];
      readonly expiresAt: string;
      readonly requests: number;
    }
  | { readonly event: 'told'; readonly finding: News }
  | {
      readonly event: 'standing';
      readonly standing: DeviceStanding;
      readonly from: string | null;
      readonly to: string | null;
      readonly release: string | null;
      readonly message: string;
    }
  | ({ readonly event: 'agent' } & AgentFacts)
  | ({ readonly event: 'step' } & StepFacts)
  /** Something that only a person can do. */
  | { readonly event: 'advice'; readonly message: string }
  | ({ readonly event: 'attempt' } & AttemptFacts)
  | ({ readonly event: 'access' } & ProbeFinding)
  | { readonly event: 'setting'; readonly key: AgentKey; readonly value: string }
  | { readonly event: 'log'; readonly line: string };
