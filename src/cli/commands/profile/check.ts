import { loadProfiles } from '../../profiles/load.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';

/** For the commands that take a profile. */
export const FILE = 'The profile: a .toml or .json file, or a folder of them';

export const profileCheck: Command = defineCommand({
  name: 'check',
  description: 'Check a profile; no device is needed',
  positionals: { file: { type: 'string', demandOption: true, describe: FILE } },
  options: {},
  examples: [['$0 profile check my-board.toml', 'What is wrong, with its line and field']],
  epilogue: 'The exit status is 2 if a profile is not valid.',
  async run({ file }, { io, speaker }) {
    const loaded = await loadProfiles([file], io.families);
    for (const { path, profile } of loaded) {
      const message = `${path}: a valid profile of ${profile.name}.`;
      speaker.tell({ event: 'finding', device: null, topic: profile.id, state: 'good', message, remedy: '' });
    }
    speaker.page(loaded.map(({ path, profile }) => [{ text: profile.id, tone: 'strong' }, `  ${path}`]));
    return answered(loaded.length === 1 ? 'The profile is valid.' : `${loaded.length} profiles are valid.`);
  },
});
