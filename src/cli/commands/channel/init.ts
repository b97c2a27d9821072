import { initChannel } from '../../../channel/publisher/init.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import { folderPositional, keysOption, PASSPHRASE_EPILOGUE, publishingFor } from './publishing.ts';

export const channelInit: Command = defineCommand({
  name: 'init',
  description: 'Create an empty channel and its keys',
  positionals: folderPositional,
  options: keysOption,
  examples: [['$0 channel init site --keys keys', 'The folder to serve, and six keys']],
  epilogue: `Two of the three root keys sign every change of keys; keep each in a separate place. ${PASSPHRASE_EPILOGUE}`,
  async run(args, context) {
    const { speaker } = context;
    const { rootPath, keyPaths } = await initChannel(await publishingFor(context, args, 'new'));
    for (const path of keyPaths) speaker.tell({ event: 'file', device: null, role: 'private-key', path });
    speaker.tell({ event: 'file', device: null, role: 'trust-root', path: rootPath });
    speaker.page([
      [`channel     ${args.folder}  (serve it with any web server)`],
      [`trust root  ${rootPath}  (give it to your users: spacepack agent install --trust)`],
      ...keyPaths.map((path) => [`key         ${path}`]),
    ]);
    return answered(`Made an empty channel in ${args.folder}.`);
  },
});
