import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Pace } from '../../src/channel/bounded-body.ts';
import { aChannel, aClient, urlOf } from '../channel/a-channel.ts';
import { aHostileServer, MISBEHAVIOURS, PROXY_MISBEHAVIOURS } from './server.ts';

/** Short, so that what never comes is not waited for; nothing here would come later. */
const SHORT: Pace = { windowMs: 300, leastBytes: 4_096, mostMs: 60_000 };

const channel = await aChannel();
const root = readFileSync(channel.rootPath);
const release = await channel.add({ version: '1.1.0' });

describe.each(Object.entries(MISBEHAVIOURS))('a server that %s', (name, misbehaviour) => {
  test('is not reached, and no connection stays open', async () => {
    const server = await aHostileServer(misbehaviour);
    const client = await aClient({ url: server.url, root, pace: SHORT });
    await expect(client.check()).rejects.toMatchObject({ code: 'channel-unreachable' });
    await expect.poll(server.open).toBe(0);
  });

  test('does not take away what is trusted', async () => {
    const server = await aHostileServer(misbehaviour);
    const before = await aClient({ url: urlOf(channel.folder), root });
    await before.check();
    const client = await before.reopened({ url: server.url, pace: SHORT });
    expect(await client.check()).toMatchObject({ releases: [release], freshness: 'offline' });
    // More bytes than were signed are proof that they are others.
    const codes =
      name === 'sends a body without end' ? /^channel-untrusted$/ : /^(channel-unreachable|download-failed)$/;
    await expect(client.download(release)).rejects.toMatchObject({ code: expect.stringMatching(codes) });
  });
});

test.each(Object.entries(PROXY_MISBEHAVIOURS))(
  'a proxy that %s: not reached, and no connection stays open',
  async (_, misbehaviour) => {
    const proxy = await aHostileServer(misbehaviour);
    for (const HTTPS_PROXY of [proxy.url, proxy.url.replace('http:', 'socks5h:')]) {
      const client = await aClient({ url: 'https://updates.example/', root, pace: SHORT, variables: { HTTPS_PROXY } });
      await expect(client.check()).rejects.toMatchObject({ code: 'channel-unreachable' });
      await expect.poll(proxy.open).toBe(0);
    }
  },
);

test('a check as a whole has an end in time, whatever each of its requests may take', async () => {
  const server = await aHostileServer(() => {});
  const client = await aClient({ url: server.url, root, checkMs: 100 });
  const message = expect.stringContaining('Asking the channel');
  await expect(client.check()).rejects.toMatchObject({ code: 'channel-unreachable', message });
  await expect.poll(server.open).toBe(0);
});
