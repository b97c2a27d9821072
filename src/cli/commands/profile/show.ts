import { loadProfiles } from '../../profiles/load.ts';
import { answered } from '../../talk/result.ts';
import { alignColumns } from '../../text/table.ts';
import { type Command, defineCommand } from '../command.ts';
import { FILE } from './check.ts';
import { inWords } from './in-words.ts';

export const profileShow: Command = defineCommand({
  name: 'show',
  description: 'Say in words what a profile makes spacepack do',
  positionals: { file: { type: 'string', demandOption: true, describe: FILE } },
  options: {},
  examples: [['$0 profile show my-board.toml', 'What is written, and what proves how it ended']],
  async run({ file }, { io, speaker }) {
    const loaded = await loadProfiles([file], io.families);
    for (const { profile } of loaded) {
      const words = inWords(profile);
      for (const [topic, message] of words) {
        speaker.tell({ event: 'finding', device: null, topic, state: 'note', message, remedy: '' });
      }
      speaker.page([[{ text: `${profile.name} (${profile.id})`, tone: 'strong' }]]);
      speaker.page(alignColumns(words.map(([topic, message]) => [`  ${topic}`, message])));
    }
    return answered(loaded.length === 1 ? '1 profile.' : `${loaded.length} profiles.`);
  },
});
