import { AGENT_KEYS, type AgentKey, isAgentKey, shownSetting } from '../../../agent/agent-settings.ts';
import { writeThroughLink } from '../../../computer/own-disk.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import { loadSettings, type Settings } from '../../settings/settings.ts';
import { answered } from '../../talk/result.ts';
import { alignPairs } from '../../text/table.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { changeSettings } from './change-settings.ts';

/** The settings that are built into the files of the login item. */
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
    value: { type: 'string', describe: 'The new value; without one the present value is shown' },
  },
  options: {},
  examples: [
    ['$0 agent config', 'All settings, and the file that holds them'],
    ['$0 agent config policy auto', 'Install newer firmware without a question'],
    ['$0 agent config quiet-hours 22:00-07:00', 'Not at night'],
  ],
  epilogue:
    'You can also edit the file by hand; its comments are kept. With the policy auto, nobody else may be able to write it.',
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
    await writeThroughLink(before.path, text);
    show([name], settings, context);
    if (INSTALLED_WITH.includes(name)) {
      const message = 'Run `spacepack agent install` again to change when the login item is started.';
      context.speaker.tell({ event: 'notice', device: null, code: 'computer', message });
    }
    return answered(`${name} was set in ${before.path}.`);
  },
});
