import {
  AGENT_KEYS,
  AGENT_RULES,
  type AgentKey,
  type AgentSettings,
  shownSetting,
  valueOfWord,
} from '../../../agent/agent-settings.ts';
import { readText } from '../../../computer/own-disk.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import { withoutCredentials } from '../../../protocol/printable.ts';
import { parseSettings, type Settings } from '../../settings/settings.ts';
import { withSetting } from '../../settings/settings-lines.ts';

/** A settings file that sets nothing and explains every setting. */
function settingsTemplate(): string {
  const agent = AGENT_KEYS.flatMap((key) => {
    const { meaning, example } = AGENT_RULES[key];
    return [`# ${meaning}`, `# ${key} = ${example}`];
  });
  return [
    '# Settings of spacepack. Lines that begin with # have no effect.',
    '',
    "# Files with makers' public keys: paths beside this file, or absolute paths.",
    '# keys = ["maker.pem"]',
    '# The longest that one update may take, in seconds.',
    '# timeout = 1800',
    '',
    '# What the login item does. `spacepack agent config KEY VALUE` changes it too.',
    '[agent]',
    ...agent,
    '',
  ].join('\n');
}

/** Changes to the settings of the login item, as words of the command line. */
export type Changes = readonly (readonly [key: AgentKey, word: string])[];

function changed(path: string, text: string, [key, word]: Changes[number]): string {
  const value = valueOfWord(key, word);
  const { expected, holds } = AGENT_RULES[key];
  if (!holds(value)) {
    throw new SpacepackError('usage', `Expected "${key}" to be ${expected}, found "${withoutCredentials(word)}".`, {
      remedy: 'See `spacepack agent config --help`.',
    });
  }
  // A JSON string is a valid TOML string: the escapes are the same.
  const next = withSetting(text, 'agent', key, JSON.stringify(value));
  if (next !== null) return next;
  throw new SpacepackError('usage', `${path}: expected "${key}" to be set on one line, found several.`, {
    remedy: `Change it in ${path} by hand.`,
  });
}

/**
 * The text of the settings file after the changes, with its comments kept, and the resulting settings. Rejects with
 * `usage`.
 */
export async function changeSettings(
  { path, exists }: Settings,
  changes: Changes,
): Promise<{ readonly text: string; readonly settings: Settings }> {
  const before = exists ? await readText(path) : settingsTemplate();
  const text = changes.reduce((each, change) => changed(path, each, change), before);
  const settings = await parseSettings(path, text);
  const lost = changes.find(([key, word]) => !isSet(settings.agent, key, word));
  if (lost === undefined) return { text, settings };
  const message = `${path}: expected to set "${lost[0]}" there, found an unusual layout.`;
  throw new SpacepackError('usage', message, { remedy: `Change it in ${path} by hand.` });
}

const isSet = (settings: AgentSettings, key: AgentKey, word: string): boolean => shownSetting(settings, key) === word;
