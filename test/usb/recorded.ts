import { fatContent } from '../fake-volume/cards/fat/content.ts';
import { formatCard } from '../fake-volume/cards/fat/format.ts';
import { sectorsOf } from '../fake-volume/cards/fat/sectors.ts';
import { someUserFiles } from '../fake-volume/cards/user-files.ts';
import type { ImageOptions } from '../fake-volume/spacepack/image/build.ts';
import type { SomeSettings } from '../fake-volume/spacepack/settings.ts';

/** The device and the image of the update whose sector writes are kept in test/usb/results. */
export const RECORDED: {
  readonly settings: SomeSettings & { readonly serial: string };
  readonly runs: ImageOptions;
  readonly image: ImageOptions;
} = {
  settings: { serial: 'SP0042', quietMs: 1_500 },
  runs: { version: { major: 1 } },
  image: { version: { major: 2 }, code: Buffer.alloc(10_000, 'Firmware of a SpacePack, version 2. ') },
};

/** The card of that update, as it was before it was ever plugged in. */
export function recordedCard(): Buffer {
  const image = formatCard({ bits: 32, sizeBytes: 40 * 1024 * 1024, clusterSectors: 1, label: 'Untitled 1' });
  const content = fatContent(sectorsOf(image));
  for (const [path, bytes] of someUserFiles()) content.write(path, bytes);
  return image;
}
