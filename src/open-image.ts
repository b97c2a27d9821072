import { type CheckOptions, checkImage, readChecked } from './image/check.ts';
import { openPayload } from './image/source.ts';
import type { CheckedImage } from './protocol/image.ts';
import type { UpdateImage } from './update.ts';

/** Checks an image file (protocol §8) and makes it ready for `update`. Rejects with the codes `image-*` and `key-unusable`. */
export async function openImage(path: string, options: CheckOptions = {}): Promise<CheckedImage & UpdateImage> {
  const payload = await openPayload(path);
  const checked = await checkImage(payload, options);
  return { ...checked, read: () => readChecked(payload, checked) };
}
