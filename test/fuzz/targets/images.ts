import { requireImage } from '../../../src/image/check.ts';
import { memoryPayload } from '../../../src/image/payload.ts';
import { SpacepackError } from '../../../src/protocol/errors.ts';
import { decodeDfuSuffix, encodeDfuSuffix } from '../../../src/protocol/firmware/dfu-suffix.ts';
import type { CheckedImage, ImageReport } from '../../../src/protocol/image-facts.ts';
import { decodeHeader, locateImage } from '../../../src/protocol/spacepack/image/mcuboot.ts';
import {
  decodeTlvArea,
  encodeTlvArea,
  PROTECTED_MAGIC,
  UNPROTECTED_MAGIC,
} from '../../../src/protocol/spacepack/image/tlv.ts';
import { dfuCrc, sha256 } from '../../fake-volume/spacepack/checksum.ts';
import { buildImage, buildPayload } from '../../fake-volume/spacepack/image/build.ts';
import { type ImageFacts, readImage, readSuffix, SUFFIX_BYTES } from '../../fake-volume/spacepack/image/format.ts';
import { inspectImage } from '../../image/images.ts';
import { kindOfSentence, promise, requireEqual, requirePrintable, type Target } from '../target.ts';

const SMALL = { code: Buffer.from('the code of a very small application') };

/** Little-endian numbers and magics, as they stand in images. */
const WORDS = [
  ...['\x3d\xb8\xf3\x96', '\x08\x69', '\x07\x69', 'UFD\x10', '\x00\x01UFD\x10', '\xff\xff', '\x00\x00'],
  ...['\x50\x00\x04\x00', '\x10\x00\x20\x00', '\x24\x00\x40\x00', '\x01\x00\x20\x00', '\x11\x00\x30\x00', '\x30\x00'],
  ...[
    'UF2\n',
    ':10000000',
    '\x7fELF',
    'PK\x03\x04',
    'DfuSe',
    '\x1f\x8b',
    '<html',
    '\xff'.repeat(16),
    '\x00'.repeat(16),
  ],
  ...[
    '\xa0\x00\x10\x00',
    '\x01\x00\x00\x00',
    '\x00\x01\x00\x00',
    '\x2d\xe1\x5d\x29\x41\x0b\x8d\x77\x67\x9c\x11\x0f\x1f\x8a',
  ],
];

/** With the hash and the CRC of the suffix made right where they can be found. */
function repaired(bytes: Uint8Array): Uint8Array {
  const payload = Buffer.from(bytes);
  const layout = locateImage(payload);
  const hash = payload.indexOf('\x10\x00\x20\x00', layout?.hashedEnd ?? payload.length, 'latin1');
  if (layout !== null && hash > 0)
    payload.set(sha256(payload.subarray(0, layout.hashedEnd)).subarray(0, payload.length - hash - 4), hash + 4);
  if (payload.length >= SUFFIX_BYTES) payload.writeUInt32LE(dfuCrc(payload.subarray(0, -4)), payload.length - 4);
  return payload;
}

/** What the device makes of the whole payload; `null`: it would reject it whatever its keys and its own version are. */
function seenByDevice(bytes: Uint8Array): ImageFacts | null {
  const image = readSuffix(bytes) === null ? null : readImage(bytes.subarray(0, -SUFFIX_BYTES));
  return image?.hashIsRight === true ? image : null;
}

async function seenByHost(bytes: Uint8Array): Promise<{ report: ImageReport; image: CheckedImage | SpacepackError }> {
  const report = await inspectImage(memoryPayload('payload', bytes));
  for (const { expected, found, remedy = '' } of report.checks)
    requirePrintable(`${expected}${found}${remedy}`, 'a check');
  try {
    return { report, image: requireImage(report, 'payload') };
  } catch (thrown) {
    if (thrown instanceof SpacepackError && /^image-/.test(thrown.code)) return { report, image: thrown };
    throw thrown;
  }
}

const payload: Target = {
  name: 'payload',
  words: WORDS,
  seeds: () => [buildPayload(SMALL), buildPayload({ ...SMALL, key: null }), buildImage(SMALL)],
  repaired,
  async run(bytes) {
    const [{ report, image: host }, device] = [await seenByHost(bytes), seenByDevice(bytes)];
    // Whose signature counts depends on keys; all else is the same for both.
    const isSound = report.checks.every(({ check, ok }) => check === 'signature' || ok === true);
    promise(isSound === (device !== null), () => `host and device do not agree: ${JSON.stringify(report.checks)}`);
    if (host instanceof SpacepackError) return `${host.code}: ${kindOfSentence(host.message.replaceAll(';', ','))}`;
    const { version, securityCounter, imageHash } = host;
    requireEqual({ version, securityCounter, hash: imageHash }, device && pick(device), 'the image');
    const suffix = readSuffix(bytes);
    requireEqual(
      [host.vendorId, host.productId, host.hardware],
      [suffix?.vendorId, suffix?.productId, suffix?.bcdDevice],
      'the suffix',
    );
    return 'image';
  },
};

function pick({ version, securityCounter, hash }: ImageFacts): object {
  return { version, securityCounter, hash };
}

const parts: Target = {
  name: 'image-parts',
  words: WORDS,
  seeds: () => {
    const image = buildPayload(SMALL);
    const { trailerOffset, hashedEnd } = locateImage(image) ?? { trailerOffset: 0, hashedEnd: 0 };
    return [
      image.subarray(trailerOffset),
      image.subarray(hashedEnd),
      image.subarray(-SUFFIX_BYTES),
      image.subarray(0, 32),
    ];
  },
  run(bytes) {
    const kinds = [PROTECTED_MAGIC, UNPROTECTED_MAGIC].map((magic) => {
      const area = decodeTlvArea(bytes, magic);
      if (!area.ok) return kindOfSentence(`${area.expected}, found`);
      const written = encodeTlvArea(magic, area.value.entries);
      requireEqual([...written], [...bytes.subarray(0, area.value.sizeBytes)], 'a TLV area and what is written of it');
      return 'area';
    });
    const suffix = decodeDfuSuffix(bytes);
    if (suffix.ok) requireEqual([...encodeDfuSuffix(suffix.value)], [...bytes.subarray(-SUFFIX_BYTES)], 'a suffix');
    const header = decodeHeader(bytes);
    return [...kinds, suffix.ok, header.ok ? 'header' : kindOfSentence(header.expected)].join(', ');
  },
};

/** The payload and the parts of it (protocol §8). */
export const IMAGES: readonly Target[] = [payload, parts];
