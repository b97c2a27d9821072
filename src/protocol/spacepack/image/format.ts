import type { ImageFormat } from '../../family.ts';
import type { ScannedImage } from '../../image-facts.ts';
import { smallOrderKeyHashes } from '../../small-order.ts';
import { createImage } from './create.ts';
import { type Examined, examineImage } from './image.ts';
import { decodeHeader } from './mcuboot.ts';
import { createPayloadScanner } from './scan.ts';

function reportOf({ suffix, header, trailer, ...rest }: Examined): ScannedImage {
  return {
    ...rest,
    version: header?.version ?? null,
    securityCounter: trailer?.securityCounter ?? null,
    vendorId: suffix?.vendorId ?? null,
    productId: suffix?.productId ?? null,
    hardware: suffix?.hardware ?? null,
    own: null,
    layout: null,
  };
}

/** An MCUboot image with a DFU suffix (protocol §8). */
export const imageFormat: ImageFormat = {
  name: 'MCUboot image with DFU suffix',
  extension: 'dfu',
  recognises: (head) => (decodeHeader(head).ok ? 'yes' : 'no'),
  createScanner(sizeBytes, sha256) {
    const scanner = createPayloadScanner(sizeBytes, sha256);
    return {
      take: scanner.take,
      finish: (keys) => reportOf(examineImage(scanner.finish(), { keys, weak: smallOrderKeyHashes(sha256) })),
    };
  },
  create: createImage,
};
