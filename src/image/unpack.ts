import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf, SpacepackError } from '../protocol/errors.ts';
import { FILE_KIND_BYTES, kindOfFile } from '../protocol/firmware/file-kinds.ts';
import { headOf, memoryPayload, type PayloadSource, readExactly } from './payload.ts';

/** The most bytes of an image that is held in memory: several times the flash memory of any such device. */
export const IMAGE_MOST_BYTES: number = 64 * 1024 * 1024;

const GZIP = 'a gzip file';
const ZIP = 'a ZIP archive';

const refused = (name: string, expected: string, found: string, cause?: unknown): SpacepackError =>
  new SpacepackError('image-packed', `${name}: expected ${expected}, found ${found}.`, { cause });

async function packingOf(payload: PayloadSource): Promise<string | null> {
  const kind = kindOfFile(await headOf(payload, FILE_KIND_BYTES));
  return kind?.group === 'packed' ? kind.name : null;
}

async function readAll(payload: PayloadSource, signal: AbortSignal | undefined): Promise<Buffer> {
  const { name, sizeBytes } = payload;
  if (sizeBytes > IMAGE_MOST_BYTES)
    throw refused(name, `at most ${IMAGE_MOST_BYTES} bytes in a packed file`, `${sizeBytes}`);
  const chunks: Buffer[] = [];
  for await (const chunk of readExactly(payload)) {
    if (signal?.aborted) throw new SpacepackError('interrupted', `${name}: called off.`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

async function gunzipped(name: string, packed: Buffer): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: IMAGE_MOST_BYTES, chunkSize: 256 * 1024 });
  } catch (thrown) {
    const isTooLong = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLong
      ? refused(name, `at most ${IMAGE_MOST_BYTES} bytes when unpacked`, 'more', thrown)
      : refused(name, 'a whole gzip file', messageOf(thrown), thrown);
  }
}

async function unzipped(name: string, packed: Buffer, extensions: readonly string[]): Promise<PayloadSource> {
  const { imageInZip } = await import('./zip.ts');
  const image = await imageInZip(packed, extensions, IMAGE_MOST_BYTES).catch((thrown: unknown) => {
    throw refused(name, 'a ZIP archive with one image', messageOf(thrown), thrown);
  });
  return memoryPayload(`${name} (${image.name})`, image.bytes);
}

/**
 * The image in a file that is compressed with gzip, or the one image in a ZIP archive: unpacked into memory, never more
 * than `IMAGE_MOST_BYTES`. Any other payload is returned as it is. An archive's only file is its image; among several
 * it is the one with an extension of `extensions`. Rejects with `image-packed`, as `PayloadSource.read` does, or with
 * `interrupted`.
 */
export async function unpack(
  payload: PayloadSource,
  extensions: readonly string[],
  signal?: AbortSignal,
): Promise<PayloadSource> {
  const kind = await packingOf(payload);
  if (kind === null) return payload;
  const { name } = payload;
  if (kind !== GZIP && kind !== ZIP) throw refused(name, 'an image, or one that is packed as .gz or .zip', kind);
  const packed = await readAll(payload, signal);
  const image =
    kind === GZIP ? memoryPayload(name, await gunzipped(name, packed)) : await unzipped(name, packed, extensions);
  const within = await packingOf(image);
  if (within !== null) throw refused(image.name, 'an image that is packed once', `${within} in it`);
  return image;
}
