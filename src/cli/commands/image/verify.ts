import { targetOf } from '../../../devices/choose.ts';
import { compareDevice } from '../../../devices/update.ts';
import { requireImage } from '../../../image/check.ts';
import { readable } from '../../../image/open-image.ts';
import type { UpdateImage } from '../../../protocol/image-facts.ts';
import { chooseSeen } from '../../device/choose-devices.ts';
import { follow } from '../../device/follow-runs.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import { keyOption } from '../../image/maker-keys.ts';
import { IMAGE } from '../../image/open-argument.ts';
import { answered, type CommandResult } from '../../talk/result.ts';
import { sumUp } from '../../talk/sum-up.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { showImage } from './image-text.ts';

const SIGNATURES = {
  verified: 'The image is sound and signed by a known key.',
  none: 'No check failed. Files of this format carry no signature.',
  unchecked: 'The image is sound. No key of its maker is known here, so only the device will check the signature.',
} as const;

interface Where {
  /** Empty: the only one. */
  readonly device: string;
  readonly root?: string | undefined;
}

async function onDevice(image: UpdateImage, { device, root }: Where, context: CommandContext): Promise<CommandResult> {
  const environment = await openWorld(context, { root });
  const [chosen] = await chooseSeen(environment, context.io.families, device === '' ? {} : { device });
  const { cancel, abandon } = context.interrupts;
  const target = targetOf(chosen);
  const reports = compareDevice(environment, target, image, { cancel, abandon });
  return sumUp(await follow([{ device: target.name, reports }], context));
}

export const verify: Command = defineCommand({
  name: 'verify',
  description: 'Check a firmware image, or compare it with what a board holds',
  usesDevices: true,
  positionals: { image: { type: 'string', demandOption: true, describe: IMAGE } },
  options: {
    ...keyOption,
    ...rootOption,
    device: {
      type: 'string',
      alias: 'd',
      requiresArg: false,
      describe: 'Compare it with the flash memory of this board, or of the only one; nothing is written',
      group: 'Device:',
    },
  },
  examples: [
    ['$0 verify firmware.dfu', 'All checks that need no key'],
    ['$0 verify firmware.dfu --key maker.pem', 'The signature too'],
    ['$0 verify firmware.uf2 --device', 'Whether a board in its bootloader holds it'],
  ],
  epilogue:
    'Without --device no device is needed. Exit status: 0 no check failed, or the board holds it; 5 a check failed, or it is ' +
    'for another board; 8 the board holds something else; 9 its flash memory could not be read.',
  async run({ image, key, device, root }, context) {
    const { payload, report, facts } = await showImage(image, key, context);
    const checked = requireImage(report, payload.name);
    if (device !== undefined) return onDevice(readable(payload, checked), { device, root }, context);
    return answered(SIGNATURES[checked.signature], { to: facts.version });
  },
});
