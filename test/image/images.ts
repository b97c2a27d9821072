import { createHash } from 'node:crypto';
import type { CheckOptions } from '../../src/image/check.ts';
import * as check from '../../src/image/check.ts';
import { type PayloadSource, readExactly } from '../../src/image/payload.ts';
import type { CheckedImage, ImageRecipe, ImageReport } from '../../src/protocol/image-facts.ts';
import { spacepack } from '../../src/protocol/spacepack/family.ts';
import type { PayloadScan } from '../../src/protocol/spacepack/image/checks.ts';
import { imageFormat } from '../../src/protocol/spacepack/image/format.ts';
import { createPayloadScanner } from '../../src/protocol/spacepack/image/scan.ts';

/** As the programs do it, for the one family whose images these are. */
export const createImage = (recipe: ImageRecipe): Uint8Array =>
  imageFormat.create?.(recipe, () => createHash('sha256')) ?? new Uint8Array();
export const checkImage = (payload: PayloadSource, options?: CheckOptions): Promise<CheckedImage> =>
  check.checkImage(payload, [spacepack], options);
export const inspectImage = (payload: PayloadSource, options?: CheckOptions): Promise<ImageReport> =>
  check.inspectImage(payload, [spacepack], options);

/** What is kept of a payload for its checks. */
export async function scanPayload(payload: PayloadSource): Promise<PayloadScan> {
  const scanner = createPayloadScanner(payload.sizeBytes, () => createHash('sha256'));
  for await (const chunk of readExactly(payload)) scanner.take(chunk);
  return scanner.finish();
}

/** The payload in chunks of the given sizes, over and over, all in the same memory. */
export function chunked(bytes: Uint8Array, sizes: readonly number[]): PayloadSource {
  return {
    name: 'test.dfu',
    sizeBytes: bytes.length,
    async *read() {
      const memory = new Uint8Array(Math.max(...sizes));
      let offset = 0;
      for (let index = 0; offset < bytes.length; index++) {
        const chunk = bytes.subarray(offset, offset + (sizes[index % sizes.length] ?? 1));
        memory.fill(0xee);
        memory.set(chunk);
        yield memory.subarray(0, chunk.length);
        offset += chunk.length;
      }
    },
  };
}
