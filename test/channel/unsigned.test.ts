import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { editReleases } from '../../src/channel/publisher/edit.ts';
import { targetPath } from '../../src/channel/publisher/site.ts';
import type { Release } from '../../src/channel/release.ts';
import { tufTargetOf } from '../../src/channel/target.ts';
import { buildPayload } from '../fake-volume/index.ts';
import { sha256Hex } from '../fake-volume/spacepack/checksum.ts';
import { aChannel, aClient, urlOf } from './a-channel.ts';

test('an image without a signature that a channel offers, as older publishers let it, is refused before any device sees it', async () => {
  const channel = await aChannel();
  const bytes = buildPayload({ key: null });
  const release: Release = {
    name: 'spacepack-2.0.0.dfu',
    product: 'spacepack',
    hardware: [],
    version: { major: 2, minor: 0, revision: 0, build: 0 },
    securityCounter: 1,
    sizeBytes: bytes.length,
    sha256: sha256Hex(bytes),
    minBatteryPercent: 0,
    notes: '',
    rolloutPercent: 100,
    paused: false,
  };
  const path = targetPath(channel.folder, tufTargetOf(release));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  await editReleases(channel.publishing, (releases) => ({ releases: [...releases, release], result: null }));
  const client = await aClient({ url: urlOf(channel.folder), root: readFileSync(channel.rootPath) });
  const { releases } = await client.check();
  expect(releases).toHaveLength(1);
  await expect(client.download(releases[0] as Release)).rejects.toMatchObject({ code: 'image-signature' });
});
