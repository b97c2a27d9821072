import { imageAddressOf } from '../../channel/image-address.ts';
import type { ImageFamilies } from '../../image/check.ts';
import { unpacked } from '../../image/open-image.ts';
import type { PayloadSource } from '../../image/payload.ts';
import { openPayload } from '../../image/source.ts';
import type { CommandContext } from '../commands/command.ts';

/** For help texts. */
export const IMAGE = 'The image: a file or an https address; .gz and .zip are unpacked';

/** What a person gave as an image. */
export interface ImageArgument {
  readonly payload: PayloadSource;
  /** What may be shown and kept: the path as it was given, or the address without credentials. */
  readonly shown: string;
}

async function openAsGiven(text: string, { io, interrupts, speaker }: CommandContext): Promise<ImageArgument> {
  const signal = interrupts.cancel;
  const address = imageAddressOf(text);
  if (address === null) return { payload: await openPayload(text), shown: text };
  const message = `Downloading ${address.shown}.`;
  speaker.tell({ event: 'notice', device: null, code: 'downloading', message });
  // Loaded only for an address: most images are files.
  const { downloadImage } = await import('../../channel/download-image.ts');
  return { payload: await downloadImage(address, { variables: io.variables, signal }), shown: address.shown };
}

/**
 * The image that a path or an address names, unpacked if it is packed. Rejects with `image-unreadable`, `image-packed`,
 * `image-unreachable`, `image-changed`, `usage` or `interrupted`.
 */
export async function openImageArgument(
  text: string,
  context: CommandContext,
  families: ImageFamilies = context.io.families,
): Promise<ImageArgument> {
  const { payload, shown } = await openAsGiven(text, context);
  return { payload: await unpacked(payload, families, context.interrupts.cancel), shown };
}
