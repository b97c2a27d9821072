import { keyOption } from '../../image/maker-keys.ts';
import { IMAGE } from '../../image/open-argument.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import { showImage } from './image-text.ts';

export const imageInspect: Command = defineCommand({
  name: 'inspect',
  description: 'Show what is in an image, valid or not',
  positionals: { image: { type: 'string', demandOption: true, describe: `${IMAGE}, or any other file` } },
  options: keyOption,
  examples: [['$0 image inspect firmware.dfu', 'Versions, ids, hashes, and which checks pass']],
  epilogue:
    'Shows what can be understood of any file. The exit status is 0 even for a broken image; to judge one, use verify.',
  async run({ image, key }, context) {
    const { report, facts } = await showImage(image, key, context);
    const failed = report.checks.filter(({ ok }) => ok === false).length;
    return answered(failed === 0 ? 'No check failed.' : `${failed} of ${report.checks.length} checks failed.`, {
      to: facts.version,
    });
  },
});
