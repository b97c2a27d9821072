import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { refreshChannel } from '../../src/channel/publisher/refresh.ts';
import { aChannel, aClient } from './a-channel.ts';
import { aServer } from './a-server.ts';

/** A client that trusts a channel, which has news since. */
async function withNews() {
  const channel = await aChannel();
  const release = await channel.add({ version: '1.1.0' });
  const server = await aServer(channel.folder);
  const client = await aClient({ url: server.url, root: readFileSync(channel.rootPath) });
  await client.check();
  await channel.add({ version: '1.2.0' });
  return { channel, release, server, client };
}

const PAGES: Readonly<Record<string, readonly [status: number, body: string]>> = {
  'a page to sign in': [200, '<!DOCTYPE html><title>Welcome to the hotel</title>'],
  'nothing at all': [200, ''],
  'JSON of something else': [200, '{"error":"please sign in"}'],
  'the beginning of metadata': [200, '{"signed":{"_type":"timestamp","ver'],
  "a filter's 403": [403, '<h1>Blocked</h1>'],
  "a filter's 451": [451, '<h1>Blocked</h1>'],
};

describe.each(['timestamp.json', '2.root.json', 'snapshot.json', 'targets.json'])('in place of %s', (file) => {
  // A 403 for a root that is not there yet means that there is none, as most stores of files say it.
  const pages = Object.entries(PAGES).filter(([, [status]]) => !(file === '2.root.json' && status === 403));

  test.each(pages)('%s means not reached, and what is trusted goes on being used', async (_, [status, body]) => {
    const { client, server, release } = await withNews();
    server.play((request, response) => {
      const isIt = request.url?.endsWith(file) === true;
      if (isIt) response.writeHead(status, { 'content-type': 'text/html' }).end(body);
      return isIt;
    });
    expect(await client.check()).toMatchObject({ releases: [release], freshness: 'offline' });
    server.play(null);
    expect(await client.check()).toMatchObject({ freshness: 'fetched', releases: { length: 2 } });
  });

  test.each([
    ['metadata of another kind', '{"signed":{"_type":"mirrors"},"signatures":[]}'],
    ['metadata without signatures', '{"signed":{"_type":"ROLE","version":9},"signatures":[]}'],
  ])('%s is untrusted', async (_, body) => {
    const { client, server } = await withNews();
    server.play((request, response) => {
      const isIt = request.url?.endsWith(file) === true;
      if (isIt) response.end(body.replace('ROLE', file.replace(/^2\.|\.json$/g, '')));
      return isIt;
    });
    await expect(client.check()).rejects.toMatchObject({ code: 'channel-untrusted' });
  });
});

test('a page in place of an image: not downloaded, and what had come of the image is kept', async () => {
  const { channel, client, server, release } = await withNews();
  await refreshChannel(channel.publishing);
  for (const body of ['', '<h1>Sign in</h1>', `<h1>Sign in</h1>${' '.repeat(1_000_000)}`]) {
    server.play((_, response) => {
      response.writeHead(200, { 'content-length': body.length }).end(body);
      return true;
    });
    await expect(client.download(release)).rejects.toMatchObject({ code: 'download-failed' });
  }
});
