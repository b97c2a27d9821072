import { requireChannelUrl } from '../channel/channel-url.ts';
import { withoutCredentials } from '../protocol/printable.ts';
import { isTable, isText, oneOf, whole } from '../protocol/shapes.ts';
import { formatQuietHours, parseQuietHours, type QuietHours } from './quiet-hours.ts';

/** What happens when the channel has something newer: the person is notified or asked, or the device is updated. */
export type Policy = 'notify' | 'ask' | 'auto';

/** The person's settings for the login item: the table `[agent]`. */
export interface AgentSettings {
  /** URL of the channel; `null`: none chosen. */
  readonly channel: string | null;
  readonly policy: Policy;
  readonly quietHours: QuietHours | null;
  /** A device with less battery than this, in percent, waits. The limits of device and release still apply. */
  readonly leastBatteryPercent: number;
  /** Hours between two checks of devices that stay plugged in. */
  readonly intervalHours: number;
}

export type AgentKey = 'channel' | 'policy' | 'quiet-hours' | 'least-battery' | 'interval';

interface Rule {
  /** For messages: `expected "policy" to be …`. */
  readonly expected: string;
  /** For people who edit the file, one line. */
  readonly meaning: string;
  readonly example: string;
  holds(value: unknown): boolean;
}

function isChannel(value: unknown): boolean {
  try {
    return isText(value) && requireChannelUrl(value) !== null;
  } catch {
    return false;
  }
}

/** Each setting, its allowed values and its meaning, in the order in which people read them. */
export const AGENT_RULES: Readonly<Record<AgentKey, Rule>> = {
  channel: {
    expected: 'the URL of a channel (https, http or file) without a user name, "?" and "#"',
    meaning: 'Where new firmware is announced.',
    example: '"https://updates.example.com/spacepack"',
    holds: isChannel,
  },
  policy: {
    expected: '"notify", "ask" or "auto"',
    meaning: 'What to do about newer firmware: "notify" tells you, "ask" asks first, "auto" installs it.',
    example: '"notify"',
    holds: oneOf<Policy>('notify', 'ask', 'auto'),
  },
  'quiet-hours': {
    expected: 'two times like "22:00-07:00", or ""',
    meaning: 'When you are not notified or asked and nothing is installed; local time.',
    example: '"22:00-07:00"',
    holds: (value) => isText(value) && (value === '' || parseQuietHours(value) !== null),
  },
  'least-battery': {
    expected: 'a whole number of percent from 0 to 100',
    meaning: 'A device with less battery waits.',
    example: '0',
    holds: whole(0, 100),
  },
  interval: {
    expected: 'a whole number of hours from 1 to 168',
    meaning: 'Hours between two checks of a device that stays plugged in.',
    example: '24',
    holds: whole(1, 168),
  },
};

export const AGENT_KEYS: readonly AgentKey[] = ['channel', 'policy', 'quiet-hours', 'least-battery', 'interval'];

/** The values of settings that are not set. */
export const DEFAULT_AGENT_SETTINGS: AgentSettings = {
  channel: null,
  policy: 'notify',
  quietHours: null,
  leastBatteryPercent: 0,
  intervalHours: 24,
};

export function isAgentKey(text: string): text is AgentKey {
  return (AGENT_KEYS as readonly string[]).includes(text);
}

/** What is wrong with a table, and under which key; `key` is `null` if it is not a table. */
export interface TableFault {
  readonly key: string | null;
  readonly why: string;
}

function findFault(table: Readonly<Record<string, unknown>>): TableFault | null {
  for (const [key, value] of Object.entries(table)) {
    if (!isAgentKey(key)) {
      const known = AGENT_KEYS.map((name) => `"${name}"`).join(', ');
      return { key, why: `expected only ${known} in [agent], found "${key}"` };
    }
    const { expected, holds } = AGENT_RULES[key];
    if (holds(value)) continue;
    return { key, why: `expected "${key}" to be ${expected}, found ${withoutCredentials(JSON.stringify(value))}` };
  }
  return null;
}

/** Settings from the table `[agent]`, or the first thing that is wrong with it. */
export function readAgentTable(table: unknown): AgentSettings | TableFault {
  if (!isTable(table)) return { key: null, why: 'expected "agent" to be a table, found something else' };
  const fault = findFault(table);
  if (fault !== null) return fault;
  const { channel, policy, 'quiet-hours': quiet, 'least-battery': least, interval } = table;
  const defaults = DEFAULT_AGENT_SETTINGS;
  return {
    channel: typeof channel === 'string' ? channel : defaults.channel,
    policy: policy === 'ask' || policy === 'auto' ? policy : defaults.policy,
    quietHours: typeof quiet === 'string' ? parseQuietHours(quiet) : defaults.quietHours,
    leastBatteryPercent: typeof least === 'number' ? least : defaults.leastBatteryPercent,
    intervalHours: typeof interval === 'number' ? interval : defaults.intervalHours,
  };
}

/** A value as people see it, under its key in the file. */
export function shownSetting(settings: AgentSettings, key: AgentKey): string {
  const { channel, policy, quietHours, leastBatteryPercent, intervalHours } = settings;
  const shown: Readonly<Record<AgentKey, string>> = {
    channel: channel ?? '',
    policy,
    'quiet-hours': quietHours === null ? '' : formatQuietHours(quietHours),
    'least-battery': String(leastBatteryPercent),
    interval: String(intervalHours),
  };
  return shown[key];
}

/** A command-line word as the value of a setting; not yet checked. */
export function valueOfWord(key: AgentKey, word: string): string | number {
  const isNumber = key === 'least-battery' || key === 'interval';
  return isNumber && /^\d{1,6}$/.test(word) ? Number(word) : word;
}
