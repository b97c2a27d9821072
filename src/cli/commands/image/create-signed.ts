import { createHash } from 'node:crypto';
import type { InferredOptionTypes } from 'yargs';
import { signingKey } from '../../../image/keys.ts';
import { loadPrivateKey } from '../../../image/private-key-file.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import type { Family, ImageFormat } from '../../../protocol/family.ts';
import type { SigningKey } from '../../../protocol/image-facts.ts';
import { requireVersion } from '../../../protocol/versions.ts';
import type { Io } from '../../io/io.ts';
import { askPassphrase } from '../../talk/ask-passphrase.ts';
import type { CommandContext } from '../command.ts';
import { passphraseOf } from './passphrase.ts';

export const signedOptions = {
  version: {
    type: 'string',
    requiresArg: true,
    group: 'With --format dfu:',
    describe: 'major.minor.revision[+build]; always needed',
  },
  'security-counter': {
    type: 'number',
    requiresArg: true,
    group: 'With --format dfu:',
    describe: '0 to 4294967295; always needed',
  },
  vendor: {
    type: 'string',
    requiresArg: true,
    group: 'With --format dfu:',
    describe: "USB vendor id, hex; default: the device's",
  },
  product: {
    type: 'string',
    requiresArg: true,
    group: 'With --format dfu:',
    describe: "USB product id, hex; default: the device's",
  },
  hardware: {
    type: 'string',
    requiresArg: true,
    group: 'With --format dfu:',
    describe: 'Hardware revision, hex; default: ffff, any',
  },
  key: {
    type: 'string',
    requiresArg: true,
    group: 'With --format dfu:',
    describe: 'File with the private key; without one the image is unsigned',
  },
  passphrase: {
    type: 'string',
    requiresArg: true,
    group: 'With --format dfu:',
    describe:
      'Environment variable with the passphrase (default: SPACEPACK_IMAGE_PASSPHRASE); if not set, a terminal is asked',
  },
  'header-size': {
    type: 'number',
    requiresArg: true,
    group: 'With --format dfu:',
    describe: 'Where the application begins, in bytes (default 32)',
  },
} as const;

/** A number as people write ids: hexadecimal, with or without `0x`. Throws `usage`. */
function parseId(name: string, text: string): number {
  if (/^(0x)?[0-9a-f]{1,4}$/i.test(text)) return Number.parseInt(text.replace(/^0x/i, ''), 16);
  throw new SpacepackError('usage', `Expected --${name} to be up to 4 hexadecimal digits, found "${text}".`);
}

function required<T>(name: keyof typeof signedOptions, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new SpacepackError('usage', `Expected --${name}, found none.`);
}

const ask = (context: CommandContext): Promise<string> => askPassphrase(context, 'The passphrase of the private key:');

async function loadKey(
  context: CommandContext,
  path: string | undefined,
  variable: string | undefined,
): Promise<SigningKey | null> {
  if (path === undefined) return null;
  return signingKey(await loadPrivateKey(path, { passphrase: () => passphraseOf(context, variable, ask) }));
}

/** How the images of the first family that has makers here are made, and the ids of its devices. */
export function usualMaker({
  families,
}: Io): Pick<Family, 'usb'> & Pick<ImageFormat, 'extension'> & { readonly create: NonNullable<ImageFormat['create']> } {
  for (const { images, usb } of families) {
    for (const { create, extension } of images) if (create !== null) return { create, extension, usb };
  }
  throw new TypeError('expected a family whose images can be made, found none');
}

/** An image of the usual format. Rejects with `usage`, `key-unusable`, or as `read` does. */
export async function signedImageOf(
  read: () => Promise<Uint8Array>,
  args: InferredOptionTypes<typeof signedOptions>,
  context: CommandContext,
): Promise<Uint8Array> {
  const { vendor, product, hardware = 'ffff' } = args;
  const version = requireVersion(required('version', args.version));
  const securityCounter = required('security-counter', args['security-counter']);
  const { create, usb } = usualMaker(context.io);
  const key = await loadKey(context, args.key, args.passphrase);
  const recipe = {
    application: await read(),
    version,
    securityCounter,
    vendorId: vendor === undefined ? (usb[0]?.vendorId ?? 0) : parseId('vendor', vendor),
    productId: product === undefined ? (usb[0]?.productId ?? 0) : parseId('product', product),
    hardware: parseId('hardware', hardware),
    ...(key !== null && { signingKey: key }),
    ...(args['header-size'] !== undefined && { headerSize: args['header-size'] }),
  };
  return create(recipe, () => createHash('sha256'));
}
