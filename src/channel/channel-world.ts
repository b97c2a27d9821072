import type { Family } from '../protocol/family.ts';
import type { Pace } from './bounded-body.ts';
import type { Transport } from './transport.ts';
import type { Places } from './trusted.ts';

/** What an open channel works with. */
export interface ChannelWorld {
  /** The families whose releases are understood. */
  readonly families: readonly Family[];
  readonly places: Places;
  /** Trusted metadata. */
  readonly directory: string;
  /** Images. */
  readonly cache: string;
  readonly date: () => Date;
  readonly notice: (message: string) => void;
  /** Whether the lists of delegated roles are read too. */
  readonly delegated: boolean;
  readonly pace: Pace;
  /** By then a check has asked all that it asks, in ms. */
  readonly checkMs: number;
  /** How often a newer root is looked for although the timestamp is the same, in ms. */
  readonly rootEveryMs: number;
  /** Lends a transport for `work` and closes it afterwards. */
  withTransport<T>(work: (transport: Transport) => Promise<T>): Promise<T>;
}
