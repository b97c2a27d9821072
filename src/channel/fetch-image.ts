import { createReadStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TargetFile } from '@tufjs/models';
import type { Fetcher } from 'tuf-js';
import { onOwnDisk } from '../computer/own-disk.ts';
import { checkImage } from '../image/check.ts';
import { openPayload } from '../image/source.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { cachePlaceOf, keepImage, tidyCache } from './cache.ts';
import type { ChannelWorld } from './channel-world.ts';
import { createTargetFetcher } from './download.ts';
import { judgingTime, loadMemory } from './memory.ts';
import { holdsBytes } from './partial-file.ts';
import type { Release } from './release.ts';
import { requireDescribed } from './release-image.ts';
import { openOwnFolder, withCopy } from './state-folder.ts';
import { releasesOf } from './target.ts';
import type { Transport } from './transport.ts';
import { type LocalState, readLocal } from './trusted.ts';

function requireValid(state: LocalState): Extract<LocalState, { kind: 'valid' }> {
  if (state.kind === 'valid') return state;
  if (state.kind === 'none') {
    throw new SpacepackError('channel-untrusted', 'Expected trusted metadata from a check, found none.');
  }
  const message = `Expected metadata that is still valid, found that it expired at ${state.expiresAt.toISOString()}.`;
  throw new SpacepackError('channel-expired', message);
}

/** Rejects with the updater's error for bytes that were not signed. */
async function verifyAndKeep(target: TargetFile, part: string, fresh: string): Promise<void> {
  await onOwnDisk(dirname(part), async () => target.verify(createReadStream(part)));
  await onOwnDisk(dirname(part), () => rename(part, fresh));
}

async function fetchAnew(
  world: ChannelWorld,
  transport: Transport,
  release: Release,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { families, directory, places, cache, pace, date, delegated } = world;
  const place = cachePlaceOf(cache, release);
  await withCopy(directory, 'whole', async ({ path }) => {
    const now = judgingTime(date(), await loadMemory(directory));
    const fetcher = createTargetFetcher({ transport, partPath: place.part, pace, signal });
    let wanted: TargetFile | undefined;
    // As the updater does it, except that the updater copies the file in one synchronous call, which no limit can end
    // if the disk hangs.
    const keeping: Fetcher = {
      ...fetcher,
      downloadFile: (address, sizeBytes, _take) =>
        fetcher.downloadFile(address, sizeBytes, async (part) => {
          if (wanted === undefined) throw new TypeError('nothing was chosen to be fetched');
          await verifyAndKeep(wanted, part, place.fresh);
          return undefined as never;
        }),
    };
    const { trusted, updater } = requireValid(await readLocal(path, places, { now, delegated, fetcher: keeping }));
    const offered = releasesOf(trusted.targets, () => {});
    const target = trusted.targets.find((candidate) => candidate.path === release.name);
    if (
      target === undefined ||
      !offered.some(({ name, sha256 }) => name === release.name && sha256 === release.sha256)
    ) {
      const message = `${release.name}: expected the channel to still offer it, found that it does not.`;
      throw new SpacepackError('download-failed', message, { remedy: 'Ask the channel again.' });
    }
    await tidyCache(cache, offered);
    wanted = target;
    await updater.downloadTarget(target, place.fresh);
  });
  const checked = await checkImage(await openPayload(place.fresh), families, signal ? { signal } : {});
  requireDescribed(checked, release, families);
  await keepImage(place);
}

/** `Channel.download`. */
export async function fetchImage(
  world: ChannelWorld,
  release: Release,
  signal: AbortSignal | undefined,
): Promise<string> {
  // In a folder that others can write to, the verified file could be replaced a moment later.
  await openOwnFolder(world.cache);
  const { image } = cachePlaceOf(world.cache, release);
  const isThere = (): Promise<boolean> => holdsBytes(image, release.sizeBytes, release.sha256);
  if (await isThere()) return image;
  await world.withTransport((transport) => fetchAnew(world, transport, release, signal));
  if (await isThere()) return image;
  throw new SpacepackError('download-failed', `${image}: expected the image that was just verified, found another.`);
}
