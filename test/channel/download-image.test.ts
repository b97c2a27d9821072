import { describe, expect, test } from 'vitest';
import type { Pace } from '../../src/channel/bounded-body.ts';
import { downloadImage } from '../../src/channel/download-image.ts';
import { type ImageAddress, imageAddressOf } from '../../src/channel/image-address.ts';
import { IMAGE_MOST_BYTES } from '../../src/image/unpack.ts';
import { IMPATIENT, temporaryFolder } from './a-channel.ts';
import { aServer, type TestServer, type Trick } from './a-server.ts';

const content = Buffer.from('the image');

function addressOf(text: string): ImageAddress {
  const address = imageAddressOf(text);
  if (address === null) throw new Error(text);
  return address;
}

async function playing(trick: Trick): Promise<TestServer> {
  const server = await aServer(temporaryFolder());
  server.play(trick);
  return server;
}

async function download(url: string, options: { signal?: AbortSignal; pace?: Pace } = {}): Promise<Buffer> {
  const payload = await downloadImage(addressOf(url), { variables: {}, ...options });
  const chunks: Uint8Array[] = [];
  for await (const chunk of payload.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('an image at an address', () => {
  test('is what the server sends, under its address without credentials', async () => {
    const server = await playing((_, response) => {
      response.end(content);
      return true;
    });
    const url = new URL('f.dfu?token=secret', server.url);
    url.username = 'me';
    url.password = 'secret';
    expect(await download(url.href)).toEqual(content);
    const named = await downloadImage(addressOf(url.href), { variables: {} });
    expect(named.name).toBe(`http://${server.host}/f.dfu`);
    // The server is told all of it, for that is what it is for.
    expect(server.asked[0]).toMatchObject({
      path: '/f.dfu?token=secret',
      headers: { authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` },
    });
  });

  test('goes with a redirect, but a password does not', async () => {
    const server = await playing(({ url }, response) => {
      if (url === '/f.dfu') response.writeHead(302, { location: '/other.dfu' }).end();
      else response.end(content);
      return true;
    });
    expect(await download(`http://me:secret@${server.host}/f.dfu`)).toEqual(content);
    expect(server.asked.map(({ path }) => path)).toEqual(['/f.dfu', '/other.dfu']);
    expect(server.asked[1]?.headers.authorization).toBeUndefined();
  });
});

describe('image-unreachable is', () => {
  test.each<[string, Trick]>([
    ['a file that is not there', () => false],
    ['a failing server', (_, response) => Boolean(response.writeHead(500).end('an error page'))],
    ['a page to sign in', (_, response) => Boolean(response.end('\ufeff \n<!DOCTYPE html><title>Welcome</title>'))],
    ['an empty answer', (_, response) => Boolean(response.end())],
    ['half of a file', (_, response) => Boolean(response.writeHead(206).end(content))],
    [
      'an answer that breaks off',
      (_, response) => Boolean(response.writeHead(200, { 'content-length': 99 }).write('x') && response.destroy()),
    ],
    [
      'a redirect to a file of this computer',
      (_, response) => Boolean(response.writeHead(302, { location: 'file:///etc/hostname' }).end()),
    ],
    [
      'a redirect without protection to another host',
      (_, response) => Boolean(response.writeHead(302, { location: 'http://localhost:1/' }).end()),
    ],
  ])('%s', async (_, trick) => {
    const { url } = await playing(trick);
    await expect(download(`${url}f.dfu`)).rejects.toMatchObject({ code: 'image-unreachable' });
  });

  test('a closed port', async () => {
    const server = await aServer(temporaryFolder());
    await server.stop();
    await expect(download(`${server.url}f.dfu`)).rejects.toMatchObject({ code: 'image-unreachable' });
  });

  test('a body that never ends, at the first byte beyond what is allowed', async () => {
    const block = Buffer.alloc(1024 * 1024);
    let sent = 0;
    const { url } = await playing((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(block)) sent += block.length;
      };
      response.on('drain', more).writeHead(200);
      more();
      return true;
    });
    await expect(download(`${url}f.dfu`)).rejects.toMatchObject({ code: 'image-unreachable' });
    expect(sent).toBeLessThan(IMAGE_MOST_BYTES * 2);
  });

  test('a body that stops', async () => {
    const { url } = await playing((_, response) => response.writeHead(200).write('x') || true);
    await expect(download(`${url}f.dfu`, { pace: IMPATIENT })).rejects.toMatchObject({ code: 'image-unreachable' });
  });
});

test('called off, it is interrupted', async () => {
  const controller = new AbortController();
  const { url } = await playing(() => {
    controller.abort();
    return true;
  });
  const { signal } = controller;
  await expect(download(`${url}f.dfu`, { signal })).rejects.toMatchObject({ code: 'interrupted' });
});
