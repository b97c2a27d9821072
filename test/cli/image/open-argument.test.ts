import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { aServer } from '../../channel/a-server.ts';
import { buildPayload, createMemoryWorld } from '../../fake-volume/index.ts';
import { zipOf } from '../../image/zip-builder.ts';
import { type Ran, run, temporaryFile, temporaryFolder } from '../harness.ts';

const image = Buffer.from(buildPayload());
const passphrase = { SPACEPACK_CHANNEL_PASSPHRASE: 'correct horse battery' };
const packed: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['firmware.dfu.gz', gzipSync(image)],
  ['release.zip', zipOf({ name: 'notes.txt', bytes: image.subarray(0, 9) }, { name: 'firmware.dfu', bytes: image })],
];

async function serving(name: string, bytes: Uint8Array): Promise<string> {
  const server = await aServer(join(temporaryFile(name, bytes), '..'));
  return `http://me:secret@${server.host}/${name}`;
}

describe.each(packed)('%s', (name, bytes) => {
  test('is updated with what is in it, never with itself', async () => {
    const world = createMemoryWorld({ devices: [{}] });
    const { status, events } = await run(['update', temporaryFile(name, bytes), '--json'], world);
    expect(status).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ event: 'image', sizeBytes: image.length }));
    expect(events).toContainEqual(expect.objectContaining({ event: 'progress', totalBytes: image.length }));
  });

  test('is verified, inspected and published like the image in it', async () => {
    const file = temporaryFile(name, bytes);
    expect((await run(['verify', file])).status).toBe(0);
    const { events } = await run(['image', 'inspect', file, '--json']);
    expect(events).toContainEqual(expect.objectContaining({ event: 'image', file, version: '2.0.0+0' }));
    const place = temporaryFolder();
    const site = [join(place, 'site'), '--keys', join(place, 'keys'), '--json'];
    await run(['channel', 'init', ...site], { variables: passphrase });
    const added = await run(['channel', 'add', site[0] ?? '', file, ...site.slice(1)], { variables: passphrase });
    expect(added).toMatchObject({ status: 0, result: { to: '2.0.0+0' } });
    const targets = join(place, 'site', 'targets');
    const [published = ''] = readdirSync(targets);
    expect(Buffer.compare(readFileSync(join(targets, published)), image)).toBe(0);
  });
});

describe('an address', () => {
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['update', ['update']],
    ['verify', ['verify']],
    ['inspect', ['image', 'inspect']],
  ];
  const cases = commands.flatMap(([what, argv]) => [
    [what, 'firmware.dfu', argv, image] as const,
    ...packed.map(([name, bytes]) => [what, name, argv, bytes] as const),
  ]);
  test.each(cases)('is read by %s: %s', async (_what, name, argv, bytes) => {
    const url = await serving(name, bytes);
    const world = createMemoryWorld({ devices: [{}] });
    const ran: Ran = await run([...argv, url, '--json'], world);
    expect(ran.status).toBe(0);
    expect(ran.events).toContainEqual(
      expect.objectContaining({ event: 'image', file: url.replace('me:secret@', ''), sizeBytes: image.length }),
    );
    expect(ran.stdout + ran.stderr).not.toContain('secret');
  });

  test('is trusted no more than a file', async () => {
    const url = await serving('firmware.dfu', buildPayload({ key: null }));
    const world = createMemoryWorld({ devices: [{}] });
    const { result, stdout, stderr } = await run(['update', url, '--json'], world);
    expect(result).toMatchObject({ code: 'image-signature', verdict: 'refused' });
    expect(stdout + stderr).not.toContain('secret');
  });

  test('that does not answer is image-unreachable, and its password is not shown', async () => {
    const url = `${await serving('firmware.dfu', image)}.not?token=secret`;
    const { result, status, stdout, stderr } = await run(['verify', url, '--json']);
    expect({ status, code: result?.code }).toEqual({ status: 6, code: 'image-unreachable' });
    expect(stdout + stderr).not.toContain('secret');
  });

  test.each(['http:/', ' http://', 'http:\\\\'])(
    'that is nearly one (%s) does not show its password either',
    async (start) => {
      const url = await serving('firmware.dfu', image);
      const { status, stdout, stderr } = await run(['verify', url.replace('http://', start), '--json']);
      expect(status).toBe(0);
      expect(stdout + stderr).not.toContain('secret');
    },
  );

  test('that is one too many is refused without its password', async () => {
    const { result, stdout, stderr } = await run(['verify', 'firmware.dfu', 'https://me:secret@a.example/', '--json']);
    expect(result).toMatchObject({ code: 'usage', message: expect.stringContaining('a.example') });
    expect(stdout + stderr).not.toContain('secret');
  });
});
