import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { isCompleteList } from '../../../src/channel/complete-list.ts';
import { editRelease, editReleases, withdrawRelease } from '../../../src/channel/publisher/edit.ts';
import { refreshChannel } from '../../../src/channel/publisher/refresh.ts';
import { rotateKey } from '../../../src/channel/publisher/rotate.ts';
import type { Release } from '../../../src/channel/release.ts';
import { aChannel, aClient, type TestChannel, urlOf } from '../a-channel.ts';
import { lookUp } from '../a-plain-client.ts';
import { loadRepository } from '../read-repository.ts';

let channel: TestChannel;
let newest: Release;
const many = 40;

/** A channel with so many releases that the older ones are archived, all with the image of the newest. */
beforeEach(async () => {
  channel = await aChannel();
  newest = await channel.add({ version: `1.${many}.0` });
  const older = (minor: number): Release => {
    const bytes = `image ${minor}`;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const release = {
      ...newest,
      name: `r-${minor}.dfu`,
      version: { ...newest.version, minor },
      sizeBytes: bytes.length,
      sha256,
    };
    writeFileSync(join(channel.folder, 'targets', `${sha256}.${release.name}`), bytes);
    return release;
  };
  const all = Array.from({ length: many - 1 }, (_, index) => older(index + 1));
  await editReleases(channel.publishing, (releases) => ({ releases: [...releases, ...all], result: null }));
});

const clientOf = () => aClient({ url: urlOf(channel.folder), root: readFileSync(channel.rootPath) });
const offered = async (): Promise<readonly string[]> =>
  (await (await clientOf()).check()).releases.map(({ name }) => name).sort();

describe('an archive', () => {
  test('keeps the list small, which says that it is complete', async () => {
    const { targets, snapshot } = await loadRepository(channel.folder);
    expect(Object.keys(targets.signed.targets)).toEqual([newest.name]);
    expect(isCompleteList(targets.signed)).toBe(true);
    expect(targets.signed.delegations?.succinctRoles?.numberOfBins).toBe(16);
    expect(Object.keys(snapshot.signed.meta)).toHaveLength(17);
    expect(await offered()).toEqual([newest.name]);
  });

  test('is read by any TUF client, by name', async () => {
    for (const minor of [1, 2, 3, many - 1]) {
      expect((await lookUp(channel, `r-${minor}.dfu`))?.toString()).toBe(`image ${minor}`);
    }
    expect(await lookUp(channel, 'r-99.dfu')).toBeNull();
  });

  test('gives back what can be offered again: after a pause, a smaller rollout, a withdrawal', async () => {
    await editRelease(channel.publishing, newest.name, { paused: true });
    expect(await offered()).toEqual([`r-${many - 1}.dfu`, newest.name].sort());
    await editRelease(channel.publishing, newest.name, { paused: false });
    expect(await offered()).toEqual([newest.name]);
    await editRelease(channel.publishing, `r-${many - 1}.dfu`, { rolloutPercent: 10 });
    await withdrawRelease(channel.publishing, newest.name);
    expect(await offered()).toEqual([`r-${many - 1}.dfu`, `r-${many - 2}.dfu`].sort());
  });

  test('stays, even if nothing is left to archive: a snapshot never loses a file', async () => {
    const client = await clientOf();
    await client.check();
    await editReleases(channel.publishing, () => ({ releases: [newest], result: null }));
    expect((await client.check()).releases).toEqual([newest]);
    expect(Object.keys((await loadRepository(channel.folder)).snapshot.signed.meta)).toHaveLength(17);
  });

  test('signs only the bins that changed, and all of them on demand and with a new key', async () => {
    const at = (version: number): number =>
      Array.from({ length: 16 }, (_, bin) => `${version}.archive-${bin.toString(16)}.json`).filter((name) =>
        existsSync(join(channel.folder, 'metadata', name)),
      ).length;
    await editRelease(channel.publishing, 'r-1.dfu', { rolloutPercent: 50 });
    expect(at(4)).toBe(1);
    await editReleases(channel.publishing, (releases) => ({ releases, result: null }), true);
    expect(at(5)).toBe(16);
    await rotateKey(channel.publishing, 'targets');
    expect(at(6)).toBe(16);
    await refreshChannel(channel.publishing);
    expect((await lookUp(channel, 'r-2.dfu'))?.toString()).toBe('image 2');
  });

  test('that somebody changed, or put back, is not signed', async () => {
    const bin = `4.archive-${createHash('sha256').update('r-1.dfu').digest('hex').charAt(0)}.json`;
    const path = join(channel.folder, 'metadata', bin);
    await editRelease(channel.publishing, 'r-1.dfu', { paused: true });
    const ours = readFileSync(path, 'utf8');
    cpSync(path.replace('/4.', '/3.'), path);
    await expect(refreshChannel(channel.publishing)).rejects.toMatchObject({ code: 'channel-changed' });
    writeFileSync(path, ours.replace('"paused":true', '"paused":false'));
    await expect(refreshChannel(channel.publishing)).rejects.toMatchObject({ code: 'channel-changed' });
    writeFileSync(path, ours);
    await refreshChannel(channel.publishing);
  });
});
