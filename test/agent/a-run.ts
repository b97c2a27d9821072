import { type AgentSettings, DEFAULT_AGENT_SETTINGS } from '../../src/agent/agent-settings.ts';
import type { Journal } from '../../src/agent/journal.ts';
import type { JournalEntry } from '../../src/agent/journal-entry.ts';
import type { Answer, Delivery, Notification } from '../../src/agent/notifier.ts';
import type { AgentReport, AgentSummary } from '../../src/agent/reports.ts';
import { runOnce } from '../../src/agent/run-once.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import type { Environment } from '../../src/volume/port.ts';
import { testKeyPair } from '../fake-volume/index.ts';
import type { ListedChannel } from './a-channel.ts';

/** A person at the screen of a computer with a login item. */
export interface Household {
  readonly notices: Notification[];
  readonly questions: Notification[];
  readonly journal: JournalEntry[];
  /** What runs reported. */
  readonly told: AgentReport[];
  /** Runs the login item once. */
  run(settings?: Partial<AgentSettings>, wanted?: boolean): Promise<AgentSummary>;
}

interface Manners {
  readonly answer?: Answer;
  readonly told?: Delivery;
  /** As on Linux. Default `true`. */
  readonly mounts?: boolean;
  /** Calls runs off. */
  readonly cancel?: AbortSignal;
  /** The computer's own disk takes no entry of this kind. */
  readonly journalFailsAt?: JournalEntry['event'];
  readonly environment: Environment;
  readonly channel: ListedChannel;
}

/** A computer with devices and a channel, a journal in memory, and a person who answers so. */
export function aHousehold({
  environment,
  channel,
  answer = 'no',
  told = 'told',
  mounts = true,
  cancel,
  journalFailsAt,
}: Manners): Household {
  const notices: Notification[] = [];
  const questions: Notification[] = [];
  const journal: JournalEntry[] = [];
  const reports: AgentReport[] = [];
  let toldSilence: string | null | undefined;
  const kept: Journal = {
    async append(entry) {
      if (entry.event === journalFailsAt) throw Object.assign(new Error('EROFS: read-only'), { code: 'EROFS' });
      journal.push(entry);
    },
    entries: async () => [...journal],
  };
  return {
    notices,
    questions,
    journal,
    told: reports,
    async run(settings = {}, wanted = false) {
      const run = runOnce({
        environment,
        families: FAMILIES,
        channel,
        publicKeys: [testKeyPair().publicKey],
        limits: cancel === undefined ? {} : { cancel },
        settings: { ...DEFAULT_AGENT_SETTINGS, ...settings },
        journal: kept,
        notifier: {
          async tell(notification) {
            if (told === 'told') notices.push(notification);
            return told;
          },
          async ask(notification) {
            questions.push(notification);
            return answer;
          },
        },
        silence: {
          told: async () => toldSilence,
          async remember(heardAt) {
            toldSilence = heardAt;
          },
        },
        wanted,
        mounts,
      });
      for (;;) {
        const next = await run.next();
        if (next.done) return next.value;
        reports.push(next.value);
      }
    },
  };
}
