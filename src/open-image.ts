import { type CheckOptions, checkImage, readChecked } from './image/check.ts';
import type { PayloadSource } from './image/payload.ts';
import { openPayload } from './image/source.ts';
import type { CheckedImage } from './protocol/image.ts';
import type { UpdateImage } from './update.ts';

/** Checks an image file (protocol §8) and makes it ready for `update`. Rejects with the codes `image-*` and `key-unusable`. */
export async function openImage(path: string, options: CheckOptions = {}): Promise<CheckedImage & UpdateImage> {
  const payload = await openPayload(path);
  return readable(payload, await checkImage(payload, options));
}

/** A checked image together with its bytes, read again when they are written. */
export function readable(payload: PayloadSource, checked: CheckedImage): CheckedImage & UpdateImage {
  return { ...checked, read: () => readChecked(payload, checked) };
}
