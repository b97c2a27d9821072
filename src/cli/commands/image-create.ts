import { inspectImage } from '../../image/check.ts';
import { createImage } from '../../image/create.ts';
import { type SigningKey, signingKey } from '../../image/keys.ts';
import { memoryPayload } from '../../image/payload.ts';
import { readRegular } from '../../own-disk.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import { spacepack } from '../../protocol/profiles/spacepack.ts';
import { requireVersion } from '../../protocol/versions.ts';
import { type Command, defineCommand } from '../command.ts';
import { answered } from '../end.ts';
import { imageFacts } from '../image-facts.ts';
import { imagePage } from '../image-page.ts';
import type { Io } from '../io.ts';
import { writeNewFile } from '../new-file.ts';
import { passphraseOf } from '../passphrase.ts';

const IMAGE_MODE = 0o644;

async function readWhole(path: string, what: string, code: 'image-unreadable' | 'key-unusable'): Promise<Buffer> {
  return readRegular(path).catch((thrown: unknown) => {
    if (thrown instanceof SpacepackError) throw thrown;
    const found = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SpacepackError(code, `Expected ${what} in ${path}; found ${found}.`, { cause: thrown });
  });
}

/** A number as people write ids: hexadecimal, with or without `0x`. Throws `usage`. */
function parseId(name: string, text: string): number {
  if (/^(0x)?[0-9a-f]{1,4}$/i.test(text)) return Number.parseInt(text.replace(/^0x/i, ''), 16);
  throw new SpacepackError('usage', `Expected --${name} to be up to 4 hexadecimal digits; found "${text}".`);
}

async function loadKey(io: Io, path: string | undefined, passphrase: string | undefined): Promise<SigningKey | null> {
  if (path === undefined) return null;
  const pem = await readWhole(path, 'a private key', 'key-unusable');
  return signingKey(pem.toString('utf8'), passphraseOf(io, passphrase));
}

const hex = (value: number | undefined): string => (value ?? 0).toString(16).padStart(4, '0');

export const imageCreate: Command = defineCommand({
  positionals: {
    application: { type: 'string', demandOption: true, describe: 'The raw bytes of the application' },
  },
  options: {
    version: { type: 'string', demandOption: true, requiresArg: true, describe: 'major.minor.revision[+build]' },
    'security-counter': { type: 'number', demandOption: true, requiresArg: true, describe: '0 to 4294967295' },
    out: { type: 'string', alias: 'o', demandOption: true, requiresArg: true, describe: 'The image file to make' },
    vendor: {
      type: 'string',
      default: hex(spacepack.usb[0]?.vendorId),
      requiresArg: true,
      describe: 'USB vendor id, hex',
    },
    product: {
      type: 'string',
      default: hex(spacepack.usb[0]?.productId),
      requiresArg: true,
      describe: 'USB product id, hex',
    },
    hardware: { type: 'string', default: 'ffff', requiresArg: true, describe: 'Hardware revision, hex; ffff: any' },
    key: {
      type: 'string',
      requiresArg: true,
      describe: 'File with the private key; without one the image is unsigned',
    },
    passphrase: { type: 'string', requiresArg: true, describe: "Environment variable that holds the key's passphrase" },
    'header-size': {
      type: 'number',
      requiresArg: true,
      describe: 'Where the application begins, in bytes (default 32)',
    },
  },
  examples: [
    ['$0 image create app.bin --version 1.2.0 --security-counter 3 --key maker.private.pem -o firmware.dfu', ''],
  ],
  epilogue: 'The result is what imgtool and dfu-suffix make of the same recipe. No device takes an unsigned image.',
  async run(args, { io, speaker }) {
    const { application, out } = args;
    const key = await loadKey(io, args.key, args.passphrase);
    const bytes = createImage({
      application: await readWhole(application, 'an application', 'image-unreadable'),
      version: requireVersion(args.version),
      securityCounter: args['security-counter'],
      vendorId: parseId('vendor', args.vendor),
      productId: parseId('product', args.product),
      hardware: parseId('hardware', args.hardware),
      ...(key !== null && { signingKey: key }),
      ...(args['header-size'] !== undefined && { headerSize: args['header-size'] }),
    });
    await writeNewFile(out, bytes, IMAGE_MODE);
    const facts = imageFacts(out, await inspectImage(memoryPayload(out, bytes)));
    speaker.tell({ event: 'file', device: null, role: 'image', path: out });
    speaker.tell({ event: 'image', device: null, ...facts });
    speaker.page(imagePage(facts));
    return answered(`Made ${out}.`, { to: facts.version });
  },
});
