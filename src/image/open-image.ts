import type { CheckedImage, UpdateImage } from '../protocol/image-facts.ts';
import { type CheckOptions, checkImage, type ImageFamilies, readChecked } from './check.ts';
import type { PayloadSource } from './payload.ts';
import { openPayload } from './source.ts';
import { unpack } from './unpack.ts';

/** The image of one of the families, unpacked if it is packed. Rejects as `unpack` does. */
export function unpacked(
  payload: PayloadSource,
  families: ImageFamilies,
  signal?: AbortSignal,
): Promise<PayloadSource> {
  const extensions = families.flatMap(({ images }) => images.map(({ extension }) => extension));
  return unpack(payload, extensions, signal);
}

/**
 * Checks an image file, packed or not, and makes it ready for `update`. Rejects with the codes `image-*` and
 * `key-unusable`.
 */
export async function openImage(
  path: string,
  families: ImageFamilies,
  options: CheckOptions = {},
): Promise<CheckedImage & UpdateImage> {
  const payload = await unpacked(await openPayload(path), families, options.signal);
  return readable(payload, await checkImage(payload, families, options));
}

/** A checked image together with its bytes, which are read again when they are written. */
export function readable(payload: PayloadSource, checked: CheckedImage): CheckedImage & UpdateImage {
  return { ...checked, read: () => readChecked(payload, checked) };
}
