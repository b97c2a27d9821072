import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Updater } from 'tuf-js';
import { type TestChannel, temporaryFolder } from './a-channel.ts';
import { aServer } from './a-server.ts';

/** The bytes of a target as a TUF client looks it up that knows nothing of ours; `null`: there is none. */
export async function lookUp({ folder, rootPath }: TestChannel, name: string): Promise<Buffer | null> {
  const server = await aServer(folder);
  const place = temporaryFolder();
  writeFileSync(join(place, 'root.json'), readFileSync(rootPath));
  const updater = new Updater({
    metadataDir: place,
    metadataBaseUrl: `${server.url}metadata`,
    targetDir: place,
    targetBaseUrl: `${server.url}targets`,
  });
  const target = await updater.getTargetInfo(name);
  return target === undefined ? null : readFileSync(await updater.downloadTarget(target));
}
