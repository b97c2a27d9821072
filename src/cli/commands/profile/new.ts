import { SpacepackError } from '../../../protocol/errors.ts';
import { writeNewFile } from '../../io/new-file.ts';
import { parseProfile } from '../../profiles/load.ts';
import { canAsk } from '../../talk/ask.ts';
import { answered } from '../../talk/result.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { type Answers, EXAMPLE, template } from './template.ts';

const MODE = 0o644;

const QUESTIONS: Readonly<Record<keyof Answers, string>> = {
  id: 'A short name for programs',
  name: 'What people call the device',
  marker: 'A file that is always on its drive',
  payload: 'Under which name it expects the firmware',
  extension: 'How the names of its firmware files end',
  renamed: 'What the device renames the firmware to once it runs',
};

async function ask({ io, speaker, interrupts }: CommandContext): Promise<Answers> {
  const answers: Record<string, string> = { ...EXAMPLE };
  for (const [key, question] of Object.entries(QUESTIONS)) {
    speaker.question([[`${question} [${answers[key]}]: `]]);
    const answer = await io.stdin.readLine(interrupts.cancel);
    if (answer === null) throw new SpacepackError('interrupted', 'Expected an answer, found none.');
    if (answer.trim() !== '') answers[key] = answer.trim();
  }
  return answers as unknown as Answers;
}

export const profileNew: Command = defineCommand({
  name: 'new',
  description: 'Write the profile of a new device',
  positionals: {
    file: { type: 'string', demandOption: true, describe: 'Where to write it: a name that ends in .toml' },
  },
  options: {},
  examples: [['$0 profile new my-board.toml', 'Asks a few questions; without a terminal, writes an example']],
  async run({ file }, context) {
    if (!/\.toml$/i.test(file))
      throw new SpacepackError('usage', `Expected a name that ends in .toml, found "${file}".`);
    const text = template(canAsk(context) ? await ask(context) : EXAMPLE);
    await parseProfile(file, text);
    await writeNewFile(file, text, MODE);
    context.speaker.tell({ event: 'file', device: null, role: 'profile', path: file });
    return answered(`Wrote ${file}. Edit it, then run \`spacepack profile try ${file}\`.`);
  },
});
