import { KEY_NAMES } from '../../../channel/publisher/role-keys.ts';
import { rotateKey } from '../../../channel/publisher/rotate.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import { folderPositional, keysOption, PASSPHRASE_EPILOGUE, publishingFor, seenLater } from './publishing.ts';

export const channelRotate: Command = defineCommand({
  name: 'rotate',
  description: 'Replace a key, or re-sign the trust root',
  positionals: {
    ...folderPositional,
    key: {
      type: 'string',
      choices: KEY_NAMES,
      describe: 'The key to replace; without one the trust root is only re-signed',
    },
  },
  options: keysOption,
  examples: [
    ['$0 channel rotate site timestamp --keys keys', 'After the server was broken into'],
    ['$0 channel rotate site --keys keys', 'Another year for the trust root'],
  ],
  epilogue: `Needs two root keys. Clients follow automatically; the trust root that they were given stays valid. ${PASSPHRASE_EPILOGUE}`,
  async run(args, context) {
    const { speaker } = context;
    const publishing = await publishingFor(context, args, 'all');
    const { rootVersion, key } = await rotateKey(publishing, args.key ?? null);
    if (key !== null) speaker.tell({ event: 'file', device: null, role: 'private-key', path: key.path });
    const done = `Published version ${rootVersion} of the trust root.`;
    const retired = key?.retired ? `The old key is ${key.retired}: destroy it.` : '';
    speaker.page([[`${done} ${key === null ? '' : `The new key is ${key.path}.`} ${retired}`.trim()]]);
    const later = await seenLater(context, publishing);
    return answered(`${done}${later}`);
  },
});
