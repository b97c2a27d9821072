import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readIfThere, writeWhole } from '../own-disk.ts';
import { handOver } from '../owner.ts';

/** A download that has not come to its end. Beside it lies what the server needs to go on with it. */
export interface PartialFile {
  readonly path: string;
  /** How much of it there is, with what the server called it; `null`: nothing that can be gone on with. */
  begun(): Promise<{ readonly offset: number; readonly validator: string } | null>;
  /** Begins anew (`offset` 0), or goes on; resolves with its size. What came is durable also when it rejects. */
  append(offset: number, validator: string | null, chunks: AsyncIterable<Uint8Array>): Promise<number>;
  discard(): Promise<void>;
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : 0;
  } catch {
    return 0;
  }
}

/** A header's value may come back only as it could have come: printable, and short. */
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
        await rm(path, { force: true });
        await rm(validatorPath, { force: true });
        if (validator !== null) await writeWhole(validatorPath, validator);
      }
      const handle = await open(path, offset === 0 ? 'wx' : 'a', 0o600);
      let size = offset;
      try {
        await handOver(handle, dirname(path));
        for await (const chunk of chunks) {
          await handle.writeFile(chunk);
          size += chunk.length;
        }
        return size;
      } finally {
        await handle.sync();
        await handle.close();
      }
    },
    async discard() {
      await rm(path, { force: true });
      await rm(validatorPath, { force: true });
    },
  };
}

/** Whether a file holds just the bytes that a digest and a size say. A file that cannot be read does not. */
export async function holdsBytes(path: string, sizeBytes: number, sha256: string): Promise<boolean> {
  if ((await sizeOf(path)) !== sizeBytes) return false;
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch {
    return false;
  }
  return hash.digest('hex') === sha256;
}
