import { open } from 'node:fs/promises';

/**
 * The number of the file system that holds `path`, `st_dev`, asked of an open handle. On Windows libuv 1.49 and 1.50 (Node.js
 * 22.12 to 22.16, 24.0 and 24.1) give another one for paths, usually 0 (libuv pull request 4698): the two must never be
 * compared. Rejects with the system's error.
 */
export async function deviceNumber(path: string): Promise<bigint> {
  const handle = await open(path, 'r');
  try {
    return (await handle.stat({ bigint: true })).dev;
  } finally {
    await handle.close();
  }
}
