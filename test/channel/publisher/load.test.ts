import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Metadata, MetadataKind } from '@tufjs/models';
import { beforeEach, describe, expect, test } from 'vitest';
import { editRelease } from '../../../src/channel/publisher/edit.ts';
import { refreshChannel } from '../../../src/channel/publisher/refresh.ts';
import { bytesOf, signWith } from '../../../src/channel/publisher/repository.ts';
import { loadRoleKey } from '../../../src/channel/publisher/role-keys.ts';
import { rotateKey } from '../../../src/channel/publisher/rotate.ts';
import { aChannel, aClient, PASSPHRASES, type TestChannel, type TestClient, urlOf } from '../a-channel.ts';

/** Whoever has stolen the online keys or that of the lists, and can write to the site. */
let channel: TestChannel;
let client: TestClient;
const metadata = (name: string): string => join(channel.folder, 'metadata', name);
const read = (name: string) => JSON.parse(readFileSync(metadata(name), 'utf8'));
const KINDS = {
  timestamp: (json: never) => Metadata.fromJSON(MetadataKind.Timestamp, json),
  snapshot: (json: never) => Metadata.fromJSON(MetadataKind.Snapshot, json),
  targets: (json: never) => Metadata.fromJSON(MetadataKind.Targets, json),
};

async function forge(role: keyof typeof KINDS, as: string, { signed }: { signed: object }): Promise<void> {
  const forged = KINDS[role]({ signed, signatures: [] } as never);
  writeFileSync(
    metadata(as),
    bytesOf(signWith(forged, [await loadRoleKey(channel.publishing.keys, role, PASSPHRASES)])),
  );
}

async function leap(role: 'timestamp' | 'snapshot', version: number): Promise<void> {
  const { signed } = read('timestamp.json');
  if (role === 'timestamp') return forge('timestamp', 'timestamp.json', { signed: { ...signed, version } });
  await forge('snapshot', `${version}.snapshot.json`, { signed: { ...read('2.snapshot.json').signed, version } });
  const meta = { 'snapshot.json': { version } };
  await forge('timestamp', 'timestamp.json', { signed: { ...signed, version: signed.version + 1, meta } });
}

beforeEach(async () => {
  channel = await aChannel();
  await channel.add({ version: '1.1.0' });
  client = await aClient({ url: urlOf(channel.folder), root: readFileSync(channel.rootPath) });
  await client.check();
});

describe.each(['timestamp', 'snapshot'] as const)('a %s whose version leaps to the end of all numbers', (role) => {
  test.each([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 3])(
    'is found out (%s), and ended for every client by a rotation',
    async (version) => {
      await leap(role, version);
      await client.check();
      for (const command of [refreshChannel, () => editRelease(channel.publishing, '1.1.0', { paused: true })]) {
        const remedy = expect.stringContaining('rotate');
        await expect(command(channel.publishing)).rejects.toMatchObject({ code: 'channel-changed', remedy });
      }
      for (const name of ['timestamp', 'snapshot'] as const) await rotateKey(channel.publishing, name);
      await editRelease(channel.publishing, '1.1.0', { rolloutPercent: 7 });
      await refreshChannel(channel.publishing);
      expect((await client.check()).releases[0]?.rolloutPercent).toBe(7);
    },
  );
});

test('a list whose version leaps is refused; without it, the channel goes on as before', async () => {
  const version = 999_999_999_999_999;
  await forge('targets', `${version}.targets.json`, { signed: { ...read('2.targets.json').signed, version } });
  await expect(refreshChannel(channel.publishing)).rejects.toMatchObject({ code: 'channel-changed' });
  rmSync(metadata(`${version}.targets.json`));
  await rotateKey(channel.publishing, 'targets');
  expect((await client.check()).releases).toHaveLength(1);
});
