import { editRelease } from '../../../channel/publisher/edit.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import {
  folderPositional,
  keysOption,
  PASSPHRASE_EPILOGUE,
  publishingFor,
  releasePositional,
  seenLater,
} from './publishing.ts';
import { releaseEvent, releaseText } from './release-text.ts';

function requirePercent(text: string): number {
  if (/^(?:100|[1-9]?\d)$/.test(text)) return Number(text);
  throw new SpacepackError('usage', `Expected a whole percentage from 0 to 100, found "${text}".`);
}

export const channelRollout: Command = defineCommand({
  name: 'rollout',
  description: 'Offer a release to a percentage of all devices',
  positionals: {
    ...folderPositional,
    ...releasePositional,
    percent: { type: 'string', demandOption: true, describe: 'Percentage of all devices, 0 to 100' },
  },
  options: keysOption,
  examples: [['$0 channel rollout site 1.2.0 25 --keys keys', '']],
  epilogue: `A larger percentage includes the devices of a smaller one. ${PASSPHRASE_EPILOGUE}`,
  async run(args, context) {
    const rolloutPercent = requirePercent(args.percent);
    const publishing = await publishingFor(context, args, 'all');
    const release = await editRelease(publishing, args.release, { rolloutPercent });
    context.speaker.tell(releaseEvent(release));
    context.speaker.page(releaseText([release]));
    const later = await seenLater(context, publishing);
    return answered(`${release.name} is offered to ${rolloutPercent} percent of all devices.${later}`);
  },
});
