import { editReleases } from '../../../channel/publisher/edit.ts';
import { refreshChannel } from '../../../channel/publisher/refresh.ts';
import { hasOnlineKeys } from '../../../channel/publisher/role-keys.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import { folderPositional, keysOption, PASSPHRASE_EPILOGUE, publishingFor, seenLater } from './publishing.ts';

export const channelRefresh: Command = defineCommand({
  name: 'refresh',
  description: 'Tell clients of the newest list, and keep the channel from expiring; run it every day',
  positionals: folderPositional,
  options: {
    ...keysOption,
    targets: {
      type: 'boolean',
      default: false,
      describe: 'Re-sign the list of releases too; needs the targets key. Do it twice a year if nothing is published',
    },
  },
  examples: [
    ['$0 channel refresh site --keys keys', 'Every day, from a scheduler: needs only the folder "online" of the keys'],
  ],
  epilogue: PASSPHRASE_EPILOGUE,
  async run(args, context) {
    const publishing = await publishingFor(context, args, args.targets ? 'all' : 'online');
    if (args.targets) {
      await editReleases(publishing, (releases) => ({ releases, result: null }), true);
      if (!(await hasOnlineKeys(args.keys))) {
        return answered(`Signed the list of releases again.${await seenLater(context, publishing)}`);
      }
    }
    const { expiresAt, reminders } = await refreshChannel(publishing);
    for (const message of reminders) {
      context.speaker.tell({ event: 'notice', device: null, code: 'channel', message });
    }
    const message = `Clients trust the channel until ${expiresAt.toISOString()}.`;
    context.speaker.page([[message]]);
    return answered(message);
  },
});
