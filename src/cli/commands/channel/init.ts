import { join } from 'node:path';
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
    const inKeys = (name: string): string => join(args.keys, name);
    speaker.page([
      [`channel     ${args.folder}  (serve it with any web server)`],
      [`trust root  ${rootPath}  (give it to your users: spacepack agent install --trust)`],
      ...keyPaths.map((path) => [`key         ${path}`]),
      [''],
      ['What to keep where:'],
      [`- ${inKeys('root')}: each of the three keys in another place, none of them on a computer that is online.`],
      [`- ${inKeys('targets')}: with the person who releases, and a copy in a safe.`],
      [`- ${inKeys('online')}: only where \`spacepack channel refresh\` runs every day, and nowhere else.`],
      [`- ${rootPath} and ${inKeys('published.json')}: beside the keys, wherever a command of the channel is run.`],
    ]);
    return answered(`Made an empty channel in ${args.folder}.`);
  },
});
