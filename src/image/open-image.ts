import type { CheckedImage, UpdateImage } from '../protocol/image-facts.ts';
import { type CheckOptions, checkImage, type ImageFamilies, readChecked } from './check.ts';
import type { PayloadSource } from './payload.ts';
import { openPayload } from './source.ts';

/** Checks an image file and makes it ready for `update`. Rejects with the codes `image-*` and `key-unusable`. */
export async function openImage(
  path: string,
  families: ImageFamilies,
  options: CheckOptions = {},
): Promise<CheckedImage & UpdateImage> {
  const payload = await openPayload(path);
  return readable(payload, await checkImage(payload, families, options));
}

/** A checked image together with its bytes, which are read again when they are written. */
export function readable(payload: PayloadSource, checked: CheckedImage): CheckedImage & UpdateImage {
  return { ...checked, read: () => readChecked(payload, checked) };
}
