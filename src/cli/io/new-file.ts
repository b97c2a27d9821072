import { open } from 'node:fs/promises';
import { errnoOf } from '../../computer/errno.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';

/** Makes a new file, durably. Never overwrites anything: rejects with `usage` if the name is taken. */
export async function writeNewFile(path: string, data: Uint8Array | string, mode: number): Promise<void> {
  try {
    const handle = await open(path, 'wx', mode);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    const taken = errnoOf(thrown) === 'EEXIST';
    const found = taken ? 'one' : messageOf(thrown);
    const remedy = 'Choose another name; spacepack never overwrites a file.';
    const message = `Expected to make the file ${path}, found ${found}.`;
    throw new SpacepackError('usage', message, { cause: thrown, ...(taken && { remedy }) });
  }
}
