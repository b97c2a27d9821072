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
import { parseSettings, type Settings } from '../../settings/settings.ts';
import { withSetting } from '../../settings/settings-lines.ts';

/** A settings file in which nothing is set yet, and every setting is explained. */
function settingsTemplate(): string {
  const agent = AGENT_KEYS.flatMap((key) => {
    const { meaning, example } = AGENT_RULES[key];
    return [`# ${meaning}`, `# ${key} = ${example}`];
  });
  return [
    '# Settings of spacepack. Lines that begin with # are not in force.',
    '',
    "# Files with makers' public keys; beside this file, or absolute.",
    '# keys = ["maker.pem"]',
    '# Most seconds for one update.',
    '# timeout = 1800',
    '',
    '# What the login item does. `spacepack agent config KEY VALUE` changes it too.',
    '[agent]',
    ...agent,
    '',
  ].join('\n');
}

/** Words of the command line for settings of the login item. */
export type Changes = readonly (readonly [key: AgentKey, word: string])[];

function changed(path: string, text: string, [key, word]: Changes[number]): string {
  const value = valueOfWord(key, word);
  const { expected, holds } = AGENT_RULES[key];
  if (!holds(value)) {
    throw new SpacepackError('usage', `Expected "${key}" to be ${expected}, found "${word}".`, {
      remedy: 'See `spacepack agent config --help`.',
    });
  }
  // A JSON text is a TOML text: its escapes are the same.
  const next = withSetting(text, 'agent', key, JSON.stringify(value));
  if (next !== null) return next;
  throw new SpacepackError('usage', `${path}: expected "${key}" to be set on one line, found more.`, {
    remedy: `Change it in ${path} by hand.`,
  });
}

/** The text of the settings file with the changes made, its comments kept, and the settings that it then holds. Rejects with `usage`. */
export async function changeSettings(
  { path, exists }: Settings,
  changes: Changes,
): Promise<{ readonly text: string; readonly settings: Settings }> {
  const before = exists ? await readText(path) : settingsTemplate();
  const text = changes.reduce((each, change) => changed(path, each, change), before);
  const settings = await parseSettings(path, text);
  const lost = changes.find(([key, word]) => !isSet(settings.agent, key, word));
  if (lost === undefined) return { text, settings };
  const message = `${path}: expected to set "${lost[0]}" there, found that the file is not laid out as usual.`;
  throw new SpacepackError('usage', message, { remedy: `Change it in ${path} by hand.` });
}

const isSet = (settings: AgentSettings, key: AgentKey, word: string): boolean => shownSetting(settings, key) === word;
