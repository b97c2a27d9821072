import { requireImage } from '../../../image/check.ts';
import { keyOption } from '../../image/maker-keys.ts';
import { IMAGE } from '../../image/open-argument.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import { showImage } from './image-text.ts';

const SIGNATURES = {
  verified: 'The image is sound and signed by a known key.',
  none: 'No check failed. Files of this format carry no signature.',
  unchecked: 'The image is sound. No key of its maker is known here, so only the device will check the signature.',
} as const;

export const verify: Command = defineCommand({
  name: 'verify',
  description: 'Check a firmware image; no device is needed',
  positionals: { image: { type: 'string', demandOption: true, describe: IMAGE } },
  options: keyOption,
  examples: [
    ['$0 verify firmware.dfu', 'All checks that need no key'],
    ['$0 verify firmware.dfu --key maker.pem', 'The signature too'],
  ],
  epilogue: 'No device is needed. The exit status is 5 if a check fails.',
  async run({ image, key }, context) {
    const { payload, report, facts } = await showImage(image, key, context);
    const { signature } = requireImage(report, payload.name);
    return answered(SIGNATURES[signature], { to: facts.version });
  },
});
