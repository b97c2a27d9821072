import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onOwnDisk } from '../computer/own-disk.ts';
import { handOver } from '../computer/owner.ts';
import type { Release } from './release.ts';

/** Files of one release in the cache, named by their content, never by the name the channel gives. */
export interface CachePlace {
  readonly image: string;
  /** An image whose digest is verified, but not yet that it is what its release says. */
  readonly fresh: string;
  /** The part that has been downloaded so far. */
  readonly part: string;
}

/** Our files among any others there. */
const OURS = /^([0-9a-f]{64})\.(?:image|fresh|part|part\.validator)$/;

/** Removes images of releases that are no longer offered. */
export async function tidyCache(folder: string, offered: readonly Release[]): Promise<void> {
  for (const name of await onOwnDisk(folder, () => readdir(folder))) {
    const sha256 = OURS.exec(name)?.[1];
    if (sha256 === undefined || offered.some((release) => release.sha256 === sha256)) continue;
    await onOwnDisk(folder, () => rm(join(folder, name), { force: true }));
  }
}

export const cachePlaceOf = (folder: string, { sha256 }: Release): CachePlace => ({
  image: join(folder, `${sha256}.image`),
  fresh: join(folder, `${sha256}.fresh`),
  part: join(folder, `${sha256}.part`),
});

/** Moves a verified image to its place, whole and for its owner only. */
export async function keepImage({ fresh, image }: CachePlace): Promise<void> {
  await onOwnDisk(dirname(image), async () => {
    const handle = await open(fresh, 'r');
    try {
      await handle.chmod(0o600);
      await handOver(handle, dirname(fresh));
    } finally {
      await handle.close();
    }
    await rename(fresh, image);
  });
}
