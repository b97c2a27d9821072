import { addRelease } from '../../../channel/publisher/add.ts';
import { readText } from '../../../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../../../protocol/errors.ts';
import { keyOption, makerKeys } from '../../image/maker-keys.ts';
import { IMAGE, openImageArgument } from '../../image/open-argument.ts';
import { loadSettings } from '../../settings/settings.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import { folderPositional, keysOption, PASSPHRASE_EPILOGUE, publishingFor, seenLater } from './publishing.ts';
import { releaseEvent, releaseText } from './release-text.ts';

async function readNotes(path: string | undefined): Promise<string> {
  if (path === undefined) return '';
  try {
    return (await readText(path)).trim();
  } catch (thrown) {
    if (thrown instanceof SpacepackError) throw thrown;
    throw new SpacepackError('usage', `Expected notes in ${path}, found ${messageOf(thrown)}.`, { cause: thrown });
  }
}

export const channelAdd: Command = defineCommand({
  name: 'add',
  description: 'Publish an image as a release',
  positionals: {
    ...folderPositional,
    image: { type: 'string', demandOption: true, describe: IMAGE },
  },
  options: {
    ...keysOption,
    ...keyOption,
    rollout: {
      type: 'number',
      default: 100,
      requiresArg: true,
      describe: 'Percentage of all devices that it is offered to',
    },
    'min-battery': { type: 'number', default: 0, requiresArg: true, describe: 'Minimum battery, in percent' },
    hardware: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Hardware revision, hex, to narrow down those of the image; may be given several times',
    },
    notes: { type: 'string', requiresArg: true, describe: 'File that says what is new, for people' },
    paused: { type: 'boolean', default: false, describe: 'Publish it, but offer it to nobody yet' },
  },
  examples: [
    ['$0 channel add site firmware.dfu --keys keys --rollout 5', 'To one device in twenty at first'],
    ['$0 channel add site firmware.dfu --keys keys --notes news.txt', ''],
  ],
  epilogue: `Version, hardware and security counter come from the image, which is checked. ${PASSPHRASE_EPILOGUE}`,
  async run(args, context) {
    const publicKeys = await makerKeys(args.key ?? [], await loadSettings(context.io), context.io.families);
    const { payload } = await openImageArgument(args.image, context);
    const publishing = await publishingFor(context, args, 'all');
    const release = await addRelease(publishing, {
      image: payload,
      publicKeys,
      hardware: args.hardware,
      minBatteryPercent: args['min-battery'],
      notes: await readNotes(args.notes),
      rolloutPercent: args.rollout,
      paused: args.paused,
      signal: context.interrupts.cancel,
    });
    const event = releaseEvent(release);
    context.speaker.tell(event);
    context.speaker.page(releaseText([release]));
    const later = await seenLater(context, publishing);
    return answered(`Published ${release.name}.${later}`, { to: event.version });
  },
});
