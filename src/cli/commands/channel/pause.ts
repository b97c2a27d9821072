import { editRelease } from '../../../channel/publisher/edit.ts';
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

export const channelPause: Command = defineCommand({
  name: 'pause',
  description: 'Stop offering a release for now',
  positionals: { ...folderPositional, ...releasePositional },
  options: { ...keysOption, resume: { type: 'boolean', default: false, describe: 'Offer it again' } },
  examples: [
    ['$0 channel pause site 1.2.0 --keys keys', ''],
    ['$0 channel pause site 1.2.0 --keys keys --resume', ''],
  ],
  epilogue: `Clients learn of it with their next check. ${PASSPHRASE_EPILOGUE}`,
  async run(args, context) {
    const paused = !args.resume;
    const publishing = await publishingFor(context, args, 'all');
    const release = await editRelease(publishing, args.release, { paused });
    context.speaker.tell(releaseEvent(release));
    context.speaker.page(releaseText([release]));
    const later = await seenLater(context, publishing);
    return answered(`${release.name} is ${paused ? 'paused' : 'offered again'}.${later}`);
  },
});
