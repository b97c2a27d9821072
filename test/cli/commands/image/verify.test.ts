import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildImage, buildPayload, testKeyPair } from '../../../fake-volume/index.ts';
import { run, temporaryFile, temporaryFolder } from '../../harness.ts';

const payload = buildPayload();
const flipped = (index: number): Uint8Array => payload.map((byte, at) => (at === index ? byte ^ 1 : byte));
const image = temporaryFile('firmware.dfu', payload);
const key = temporaryFile('maker.pem', testKeyPair().publicKey);

describe('an image is judged without a device', () => {
  const cases: readonly (readonly [
    what: string,
    file: string,
    options: readonly string[],
    code: string,
    status: number,
  ])[] = [
    ['sound, no key known', image, [], 'answered', 0],
    ['sound, signed by a known key', image, ['--key', key], 'answered', 0],
    [
      'signed by a stranger',
      temporaryFile('s.dfu', buildPayload({ key: testKeyPair('x') })),
      ['--key', key],
      'image-signature',
      5,
    ],
    ['not signed', temporaryFile('u.dfu', buildPayload({ key: null })), ['--key', key], 'image-signature', 5],
    ['without a suffix', temporaryFile('n.bin', buildImage()), [], 'image-suffix', 5],
    ['with one bit flipped', temporaryFile('f.dfu', flipped(100)), [], 'image-suffix', 5],
    ['cut off', temporaryFile('c.dfu', payload.subarray(0, 20)), [], 'image-truncated', 5],
    ['a folder', temporaryFolder(), [], 'image-unreadable', 5],
    ['the key is none', image, ['--key', image], 'key-unusable', 2],
  ];
  test.each(cases)('%s', async (_, file, options, code, status) => {
    const ran = await run(['verify', file, '--json', ...options]);
    expect({ code: ran.result?.code, status: ran.status }).toEqual({ code, status });
  });
});

test('people get a check list with what was expected and found', async () => {
  const { stdout } = await run(['verify', temporaryFile('f.dfu', flipped(100))]);
  expect(stdout).toMatch(/✓ header/);
  expect(stdout).toMatch(/✗ suffix-crc +expected .*, found /);
});

test('a terminal that shows only ASCII gets words', async () => {
  const { stdout } = await run(['verify', image], { variables: { LANG: 'C' } });
  expect(stdout).toMatch(/^ok length/m);
  expect(stdout).not.toMatch(/[^\n -~]/);
});

test('the settings name keys that are always known', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'settings.toml'), `keys = ["${key}"]`);
  const { events } = await run(['verify', image, '--json'], { variables: { SPACEPACK_CONFIG_DIR: folder } });
  expect(events).toContainEqual(expect.objectContaining({ event: 'image', signature: 'verified' }));
});

test('a file name cannot steer the terminal', async () => {
  const { stdout, stderr } = await run(['verify', temporaryFile('\u001b[2Jx.dfu', payload)]);
  expect(stdout + stderr).not.toContain('\u001b');
});
