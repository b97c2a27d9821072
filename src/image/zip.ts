import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';

/** A file in an archive. Its name is for people, never a path. */
export interface ZippedImage {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** No archive of an image has more; reading the list of a longer one would take as long as its maker likes. */
const MOST_ENTRIES = 1_000;
const SHOWN_NAMES = 5;
const SHOWN_LETTERS = 80;

/** Folders, and what macOS and others put beside the files of people. */
const isAside = (name: string): boolean =>
  name.endsWith('/') || name.split('/').some((part) => part === '__MACOSX' || /^\.(?!\.?$)/.test(part));

function listed(entries: readonly Entry[]): string {
  const names = entries.slice(0, SHOWN_NAMES).map(({ fileName }) => fileName.slice(0, SHOWN_LETTERS));
  const more = entries.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

async function filesIn(archive: ZipFile): Promise<readonly Entry[]> {
  if (archive.entryCount > MOST_ENTRIES) throw new Error(`${archive.entryCount} files`);
  const files: Entry[] = [];
  for await (const entry of archive.eachEntry()) if (!isAside(entry.fileName)) files.push(entry);
  return files;
}

function chooseImage(files: readonly Entry[], extensions: readonly string[]): Entry {
  const [only, ...others] = files;
  if (only === undefined) throw new Error('no file in it');
  if (others.length === 0) return only;
  const fitting = files.filter(({ fileName }) =>
    extensions.some((extension) => fileName.toLowerCase().endsWith(`.${extension}`)),
  );
  const [image, ...more] = fitting;
  if (image === undefined) throw new Error(`${listed(files)}, none of them named .${extensions.join(' or .')}`);
  if (more.length > 0) throw new Error(listed(fitting));
  return image;
}

/**
 * The one image in a ZIP archive. Rejects with an Error that says what is there instead: no file, several that could be
 * it, more than `mostBytes`, or an archive that is damaged, encrypted or of an unknown kind.
 */
export async function imageInZip(
  archive: Buffer,
  extensions: readonly string[],
  mostBytes: number,
): Promise<ZippedImage> {
  const zip = await fromBufferPromise(archive);
  const entry = chooseImage(await filesIn(zip), extensions);
  const { fileName, uncompressedSize } = entry;
  if (entry.isEncrypted()) throw new Error(`${listed([entry])}, which is encrypted`);
  if (uncompressedSize > mostBytes) {
    throw new Error(`${listed([entry])} of ${uncompressedSize} bytes, which is more than ${mostBytes}`);
  }
  const chunks: Uint8Array[] = [];
  let takenBytes = 0;
  // The library ends it with an error at the first byte that is more than the archive said.
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    takenBytes += chunk.length;
    if (takenBytes > mostBytes) throw new Error(`more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return { name: fileName.slice(0, SHOWN_LETTERS), bytes: Buffer.concat(chunks) };
}
