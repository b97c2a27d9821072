import { readRegular } from '../../../computer/own-disk.ts';
import { inspectImage, requireImage } from '../../../image/check.ts';
import { memoryPayload } from '../../../image/payload.ts';
import { messageOf, SpacepackError } from '../../../protocol/errors.ts';
import { SHARED_FORMATS } from '../../../protocol/image-formats.ts';
import { uf2Format } from '../../../protocol/uf2/format.ts';
import { imageFileOf } from '../../image/read-image.ts';
import { writeNewFile } from '../../io/new-file.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import { signedImageOf, signedOptions, usualMaker } from './create-signed.ts';
import { uf2Of, uf2Options } from './create-uf2.ts';
import { imageText } from './image-text.ts';
import { tellLayout } from './layout-text.ts';

const IMAGE_MODE = 0o644;

async function readApplication(path: string): Promise<Buffer> {
  return readRegular(path).catch((thrown: unknown) => {
    if (thrown instanceof SpacepackError) throw thrown;
    const found = messageOf(thrown);
    throw new SpacepackError('image-unreadable', `Expected an application in ${path}, found ${found}.`, {
      cause: thrown,
    });
  });
}

/** An option that would have no effect is refused: whoever gives it expects one. Throws `usage`. */
function requireNone(args: Readonly<Record<string, unknown>>, options: object, format: string): void {
  for (const name of Object.keys(options)) {
    if (args[name] !== undefined) {
      throw new SpacepackError('usage', `Expected no --${name} with --format ${format}, found one.`);
    }
  }
}

export const imageCreate: Command = defineCommand({
  name: 'create',
  description: 'Create an image from an application',
  positionals: {
    application: {
      type: 'string',
      demandOption: true,
      describe: 'The raw bytes of the application; for a UF2 file, or Intel HEX',
    },
  },
  options: {
    out: { type: 'string', alias: 'o', demandOption: true, requiresArg: true, describe: 'The image file to make' },
    format: { type: 'string', requiresArg: true, describe: 'dfu (default), or uf2' },
    ...signedOptions,
    ...uf2Options,
  },
  examples: [
    ['$0 image create app.bin --version 1.2.0 --security-counter 3 --key maker.private.pem -o firmware.dfu', ''],
    ['$0 image create app.bin --format uf2 --family SAMD21 --address 0x2000 -o app.uf2', ''],
    ['$0 image create app.hex --format uf2 --family RP2040 -o app.uf2', ''],
  ],
  epilogue:
    'dfu: imgtool and dfu-suffix make the same bytes from the same input; devices reject unsigned images. ' +
    'uf2: uf2conv makes the same bytes; for the chips of Raspberry Pi whole sectors are written, as by picotool.',
  async run(args, context) {
    const { io, speaker } = context;
    const { application, out } = args;
    const { extension } = usualMaker(io);
    const { format = extension } = args;
    const isUf2 = format === uf2Format.extension;
    if (!isUf2 && format !== extension) {
      const expected = `--format ${extension} or ${uf2Format.extension}`;
      throw new SpacepackError('usage', `Expected ${expected}, found "${format}".`);
    }
    requireNone(args, isUf2 ? signedOptions : uf2Options, format);
    const bytes = isUf2
      ? await uf2Of(application, await readApplication(application), args)
      : await signedImageOf(() => readApplication(application), args, context);
    const report = await inspectImage(memoryPayload(out, bytes), [...io.families, { images: SHARED_FORMATS }]);
    if (isUf2) requireImage(report, out);
    await writeNewFile(out, bytes, IMAGE_MODE);
    const facts = imageFileOf(out, report);
    speaker.tell({ event: 'file', device: null, role: 'image', path: out });
    speaker.tell({ event: 'image', device: null, ...facts });
    speaker.page([...imageText(facts, io.families), ...tellLayout(report, speaker)]);
    return answered(`Made ${out}.`, { to: facts.version });
  },
});
