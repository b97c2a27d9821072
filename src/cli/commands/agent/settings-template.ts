import { AGENT_KEYS, AGENT_RULES } from '../../../agent/agent-settings.ts';

/** A settings file in which nothing is set yet, and every setting is explained. */
export function settingsTemplate(): string {
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
