import { readFileSync } from 'node:fs';
import { tufHandlers } from '@tufjs/repo-mock';
import { KeyPair } from '@tufjs/repo-mock/dist/key.js';
import {
  createRootMeta,
  createSnapshotMeta,
  createTargetsMeta,
  createTimestampMeta,
} from '@tufjs/repo-mock/dist/metadata.js';
import { expect, test } from 'vitest';
import { shareOf } from '../../src/channel/release-image.ts';
import { tufTargetOf } from '../../src/channel/target.ts';
import { memoryPayload } from '../../src/image/payload.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import { checkImage } from '../image/images.ts';
import { aClient, imageOf, temporaryFolder } from './a-channel.ts';
import { aServer } from './a-server.ts';

/** A channel that none of our code signed: other keys (ECDSA), no snapshots by number, all roles on one key. */
async function mocked() {
  const content = Buffer.from(imageOf({ version: '1.1.0' }));
  const wishes = { minBatteryPercent: 30, notes: 'Faster.', rolloutPercent: 100, paused: false };
  const release = {
    ...shareOf(await checkImage(memoryPayload('image', content)), FAMILIES),
    name: 'mock.dfu',
    ...wishes,
  };
  const keys = new KeyPair();
  const targetsMeta = createTargetsMeta([tufTargetOf(release)], keys);
  const snapshotMeta = createSnapshotMeta(targetsMeta, keys);
  const timestampMeta = createTimestampMeta(snapshotMeta, keys);
  const rootMeta = createRootMeta(keys);
  const repository = { rootMeta, targetsMeta, snapshotMeta, timestampMeta, targets: [{ name: release.name, content }] };
  const handlers = new Map(tufHandlers(repository, {}).map(({ path, fn }) => [path, fn]));
  const server = await aServer(temporaryFolder());
  server.play(({ url }, response) => {
    const answer = handlers.get(url ?? '')?.();
    if (answer !== undefined) response.writeHead(answer.statusCode).end(answer.response);
    return answer !== undefined;
  });
  const root = Buffer.from(JSON.stringify(rootMeta.toJSON()));
  return { content, release, repository, server, client: await aClient({ url: server.url, root }) };
}

test('a repository of another make is read, and its image fetched', async () => {
  const { client, release, content } = await mocked();
  expect(await client.check()).toMatchObject({ releases: [release], freshness: 'fetched' });
  expect(readFileSync(await client.download(release))).toEqual(content);
  expect(await client.check()).toMatchObject({ freshness: 'unchanged', requests: 1 });
});

test.each(['root', 'targets', 'snapshot', 'timestamp'] as const)("with a stranger's %s it is refused", async (role) => {
  const { client, repository } = await mocked();
  const key = `${role}Meta` as const;
  const lengthOf = (one: typeof repository): number => JSON.stringify(one[key].toJSON()).length;
  let stranger = (await mocked()).repository;
  // Such signatures differ in length, and what is longer than was signed is not even read to its end.
  while (lengthOf(stranger) > lengthOf(repository)) stranger = (await mocked()).repository;
  // The handlers hold the metadata objects themselves.
  if (role === 'root') Object.assign(repository.timestampMeta, { signatures: stranger.timestampMeta.signatures });
  Object.assign(repository[key], { signatures: stranger[key].signatures });
  // Signatures of this kind differ in length: what is longer than it should be is not even read.
  const code = expect.stringMatching(/^channel-(untrusted|unreachable)$/);
  await expect(client.check()).rejects.toMatchObject({ code });
});

test('with a changed list of targets it is refused', async () => {
  const { client, repository, release } = await mocked();
  Object.assign(repository.targetsMeta.signed.targets[release.name] ?? {}, { length: 1 });
  await expect(client.check()).rejects.toMatchObject({ code: 'channel-untrusted' });
});

test('an image that was replaced on the server is refused', async () => {
  const { client, repository, release } = await mocked();
  await client.check();
  repository.targets[0]?.content.fill(0);
  await expect(client.download(release)).rejects.toMatchObject({ code: 'channel-untrusted' });
});
