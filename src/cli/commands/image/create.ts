import { createHash } from 'node:crypto';
import { readRegular } from '../../../computer/own-disk.ts';
import { inspectImage } from '../../../image/check.ts';
import { signingKey } from '../../../image/keys.ts';
import { memoryPayload } from '../../../image/payload.ts';
import { loadPrivateKey } from '../../../image/private-key-file.ts';
import { messageOf, SpacepackError } from '../../../protocol/errors.ts';
import type { Family, ImageFormat } from '../../../protocol/family.ts';
import type { SigningKey } from '../../../protocol/image-facts.ts';
import { requireVersion } from '../../../protocol/versions.ts';
import { imageFileOf } from '../../image/read-image.ts';
import type { Io } from '../../io/io.ts';
import { writeNewFile } from '../../io/new-file.ts';
import { askPassphrase } from '../../talk/ask-passphrase.ts';
import { answered } from '../../talk/result.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { imageText } from './image-text.ts';
import { passphraseOf, passphraseOption } from './passphrase.ts';

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

/** A number as people write ids: hexadecimal, with or without `0x`. Throws `usage`. */
function parseId(name: string, text: string): number {
  if (/^(0x)?[0-9a-f]{1,4}$/i.test(text)) return Number.parseInt(text.replace(/^0x/i, ''), 16);
  throw new SpacepackError('usage', `Expected --${name} to be up to 4 hexadecimal digits, found "${text}".`);
}

const ask = (context: CommandContext): Promise<string> => askPassphrase(context, 'The passphrase of the private key:');

async function loadKey(
  context: CommandContext,
  path: string | undefined,
  variable: string,
): Promise<SigningKey | null> {
  if (path === undefined) return null;
  return signingKey(await loadPrivateKey(path, { passphrase: () => passphraseOf(context, variable, ask) }));
}

/** How the images of the first family that has makers here are made, and the ids of its devices. */
function usualMaker({ families }: Io): Pick<Family, 'usb'> & { readonly create: NonNullable<ImageFormat['create']> } {
  for (const { images, usb } of families) {
    const create = images.find((format) => format.create !== null)?.create;
    if (create) return { create, usb };
  }
  throw new TypeError('expected a family whose images can be made, found none');
}

export const imageCreate: Command = defineCommand({
  name: 'create',
  description: 'Create an image from an application',
  positionals: {
    application: { type: 'string', demandOption: true, describe: 'The raw bytes of the application' },
  },
  options: {
    version: { type: 'string', demandOption: true, requiresArg: true, describe: 'major.minor.revision[+build]' },
    'security-counter': { type: 'number', demandOption: true, requiresArg: true, describe: '0 to 4294967295' },
    out: { type: 'string', alias: 'o', demandOption: true, requiresArg: true, describe: 'The image file to make' },
    vendor: { type: 'string', requiresArg: true, describe: "USB vendor id, hex; default: the device's" },
    product: { type: 'string', requiresArg: true, describe: "USB product id, hex; default: the device's" },
    hardware: { type: 'string', default: 'ffff', requiresArg: true, describe: 'Hardware revision, hex; ffff: any' },
    key: {
      type: 'string',
      requiresArg: true,
      describe: 'File with the private key; without one the image is unsigned',
    },
    ...passphraseOption,
    'header-size': {
      type: 'number',
      requiresArg: true,
      describe: 'Where the application begins, in bytes (default 32)',
    },
  },
  examples: [
    ['$0 image create app.bin --version 1.2.0 --security-counter 3 --key maker.private.pem -o firmware.dfu', ''],
  ],
  epilogue: 'imgtool and dfu-suffix make the same bytes from the same input. Devices reject unsigned images.',
  async run(args, context) {
    const { io, speaker } = context;
    const { application, out } = args;
    const key = await loadKey(context, args.key, args.passphrase);
    const { create, usb } = usualMaker(io);
    const recipe = {
      application: await readApplication(application),
      version: requireVersion(args.version),
      securityCounter: args['security-counter'],
      vendorId: args.vendor === undefined ? (usb[0]?.vendorId ?? 0) : parseId('vendor', args.vendor),
      productId: args.product === undefined ? (usb[0]?.productId ?? 0) : parseId('product', args.product),
      hardware: parseId('hardware', args.hardware),
      ...(key !== null && { signingKey: key }),
      ...(args['header-size'] !== undefined && { headerSize: args['header-size'] }),
    };
    const bytes = create(recipe, () => createHash('sha256'));
    await writeNewFile(out, bytes, IMAGE_MODE);
    const facts = imageFileOf(out, await inspectImage(memoryPayload(out, bytes), io.families));
    speaker.tell({ event: 'file', device: null, role: 'image', path: out });
    speaker.tell({ event: 'image', device: null, ...facts });
    speaker.page(imageText(facts, io.families));
    return answered(`Made ${out}.`, { to: facts.version });
  },
});
