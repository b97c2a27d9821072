import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { closeOwn, onOwnDisk, openRegular, readIfThere, removeOwn, writeWhole } from '../computer/own-disk.ts';

/** An unfinished download. Next to it is what the server needs to resume it. */
export interface PartialFile {
  readonly path: string;
  /** How much of it there is, with the server's validator; `null`: nothing to resume. */
  begun(): Promise<{ readonly offset: number; readonly validator: string } | null>;
  /**
   * Starts over (`offset` 0) or resumes; resolves with its size. What has arrived is durable, even when this rejects.
   */
  append(offset: number, validator: string | null, chunks: AsyncIterable<Uint8Array>): Promise<number>;
  discard(): Promise<void>;
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await onOwnDisk(dirname(path), () => stat(path));
    return found.isFile() ? found.size : 0;
  } catch {
    return 0;
  }
}

/** Only a value that can come from a header is used in one: printable and short. */
const VALIDATOR = /^[\x20-\x7e]{1,200}$/;

export function partialFile(path: string): PartialFile {
  const validatorPath = `${path}.validator`;
  return {
    path,
    async begun() {
      const [offset, bytes] = [await sizeOf(path), await readIfThere(validatorPath)];
      const validator = bytes?.toString('latin1') ?? '';
      return offset > 0 && VALIDATOR.test(validator) ? { offset, validator } : null;
    },
    async append(offset, validator, chunks) {
      if (offset === 0) {
        await removeOwn(path);
        await removeOwn(validatorPath);
        if (validator !== null) await writeWhole(validatorPath, validator);
      }
      const flags = constants.O_WRONLY | constants.O_CREAT | (offset === 0 ? constants.O_EXCL : constants.O_APPEND);
      const handle = await openRegular(path, flags);
      const near = <T>(work: () => Promise<T>): Promise<T> => onOwnDisk(dirname(path), work);
      let size = offset;
      try {
        for await (const chunk of chunks) {
          await near(() => handle.writeFile(chunk));
          size += chunk.length;
        }
        return size;
      } finally {
        await near(() => handle.sync()).finally(() => closeOwn(handle));
      }
    },
    async discard() {
      await removeOwn(path);
      await removeOwn(validatorPath);
    },
  };
}

const READ_BYTES = 256 * 1024;

async function readNext(handle: FileHandle, path: string): Promise<Uint8Array> {
  const { bytesRead, buffer } = await onOwnDisk(dirname(path), () => handle.read(Buffer.alloc(READ_BYTES)));
  return buffer.subarray(0, bytesRead);
}

/** Whether a file holds exactly the bytes that a digest and a size describe. A file that cannot be read does not. */
export async function holdsBytes(path: string, sizeBytes: number, sha256: string): Promise<boolean> {
  if ((await sizeOf(path)) !== sizeBytes) return false;
  const hash = createHash('sha256');
  try {
    const handle = await openRegular(path);
    try {
      for (let bytes = await readNext(handle, path); bytes.length > 0; bytes = await readNext(handle, path))
        hash.update(bytes);
    } finally {
      await closeOwn(handle);
    }
  } catch {
    return false;
  }
  return hash.digest('hex') === sha256;
}
