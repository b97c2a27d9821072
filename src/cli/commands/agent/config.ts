import { AGENT_KEYS, type AgentKey, isAgentKey, shownSetting } from '../../../agent/agent-settings.ts';
import { writeWhole } from '../../../computer/own-disk.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import { loadSettings, type Settings } from '../../settings/settings.ts';
import { answered } from '../../talk/result.ts';
import { alignPairs } from '../../text/table.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { changeSettings } from './change-settings.ts';

/** What the files of the login item were made from. */
const INSTALLED_WITH: readonly AgentKey[] = ['quiet-hours', 'interval'];

function requireKey(word: string): AgentKey {
  if (isAgentKey(word)) return word;
  throw new SpacepackError('usage', `Expected one of ${AGENT_KEYS.join(', ')}, found "${word}".`);
}

function show(keys: readonly AgentKey[], { agent, path }: Settings, { speaker }: CommandContext): void {
  for (const key of keys) speaker.tell({ event: 'setting', device: null, key, value: shownSetting(agent, key) });
  const pairs = keys.map((key) => [key, shownSetting(agent, key) || '(not set)'] as const);
  speaker.page([...alignPairs(pairs), ...(keys.length > 1 ? [[{ text: path, tone: 'faint' } as const]] : [])]);
}

export const agentConfig: Command = defineCommand({
  name: 'config',
  description: 'Show or change what the login item does',
  positionals: {
    key: { type: 'string', describe: AGENT_KEYS.join(', ') },
    value: { type: 'string', describe: 'What to set it to; none shows what it is' },
  },
  options: {},
  examples: [
    ['$0 agent config', 'All settings, and the file that they stand in'],
    ['$0 agent config policy auto', 'Install newer firmware without a question'],
    ['$0 agent config quiet-hours 22:00-07:00', 'Not at night'],
  ],
  epilogue:
    'The file may be edited by hand too: its comments are kept. Only you may be able to write it if the policy is auto.',
  async run({ key, value }, context) {
    const before = await loadSettings(context.io);
    if (key === undefined) {
      show(AGENT_KEYS, before, context);
      return answered(before.exists ? before.path : `There is no ${before.path} yet: these are the defaults.`);
    }
    const name = requireKey(key);
    if (value === undefined) {
      show([name], before, context);
      return answered(shownSetting(before.agent, name));
    }
    const { text, settings } = await changeSettings(before, [[name, value]]);
    await writeWhole(before.path, text);
    show([name], settings, context);
    if (INSTALLED_WITH.includes(name)) {
      const message = 'It counts from the next `spacepack agent install` on for when the login item is started.';
      context.speaker.tell({ event: 'notice', device: null, code: 'computer', message });
    }
    return answered(`${name} was set in ${before.path}.`);
  },
});
