import { readFileSync } from 'node:fs';
import type { Release } from '../../src/channel/release.ts';
import { aChannel, aClient, type TestChannel, type TestClient } from './a-channel.ts';
import { aServer, type TestServer } from './a-server.ts';

/** A client that has seen the channel's first release, and what serves it. */
export interface SeenChannel {
  readonly channel: TestChannel;
  readonly release: Release;
  readonly server: TestServer;
  readonly client: TestClient;
}

export async function seenChannel(): Promise<SeenChannel> {
  const channel = await aChannel();
  const release = await channel.add({ version: '1.1.0' });
  const server = await aServer(channel.folder);
  const client = await aClient({ url: server.url, root: readFileSync(channel.rootPath) });
  await client.check();
  return { channel, release, server, client };
}
