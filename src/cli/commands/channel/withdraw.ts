import { withdrawRelease } from '../../../channel/publisher/edit.ts';
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

export const channelWithdraw: Command = defineCommand({
  name: 'withdraw',
  description: 'Remove a release from the channel',
  positionals: { ...folderPositional, ...releasePositional },
  options: keysOption,
  examples: [['$0 channel withdraw site 1.2.0 --keys keys', '']],
  epilogue: `Devices that already run it keep it; to replace it, publish a newer one. ${PASSPHRASE_EPILOGUE}`,
  async run(args, context) {
    const publishing = await publishingFor(context, args, 'all');
    const release = await withdrawRelease(publishing, args.release);
    const message = `Withdrew ${release.name}.`;
    context.speaker.page([[message]]);
    const later = await seenLater(context, publishing);
    return answered(`${message}${later}`);
  },
});
