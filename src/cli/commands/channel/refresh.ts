import { editReleases } from '../../../channel/publisher/edit.ts';
import { refreshChannel } from '../../../channel/publisher/refresh.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import { folderPositional, keysOption, PASSPHRASE_EPILOGUE, publishingFor } from './publishing.ts';

export const channelRefresh: Command = defineCommand({
  name: 'refresh',
  description: 'Sign the channel anew, so that it does not expire: every day',
  positionals: folderPositional,
  options: {
    ...keysOption,
    targets: {
      type: 'boolean',
      default: false,
      describe:
        'Sign the list of releases anew too, which needs the targets key: twice a year, if nothing is published',
    },
  },
  examples: [
    ['$0 channel refresh site --keys keys', 'Every day, by the clock: needs the folder "online" of the keys only'],
  ],
  epilogue: PASSPHRASE_EPILOGUE,
  async run(args, context) {
    const publishing = await publishingFor(context, args, args.targets ? 'all' : 'online');
    if (args.targets) await editReleases(publishing, (releases) => ({ releases, result: null }));
    const { expiresAt, reminders } = await refreshChannel(publishing);
    for (const message of reminders) {
      context.speaker.tell({ event: 'notice', device: null, code: 'channel', message });
    }
    const message = `Clients trust the channel until ${expiresAt.toISOString()}.`;
    context.speaker.page([[message]]);
    return answered(message);
  },
});
