import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildImage, buildPayload, testKeyPair } from '../../../fake-volume/index.ts';
import { assemble, type Entry, signedBy } from '../../../image/image-parts.ts';
import { run, temporaryFile, temporaryFolder } from '../../harness.ts';

const payload = buildPayload();
const flipped = (index: number): Uint8Array => payload.map((byte, at) => (at === index ? byte ^ 1 : byte));
const image = temporaryFile('firmware.dfu', payload);
const key = temporaryFile('maker.pem', testKeyPair().publicKey);

const unsigned = temporaryFile('u.dfu', buildPayload({ key: null }));
const byEcdsa = (digest: Uint8Array): readonly Entry[] => [
  [0x10, digest],
  [0x01, Buffer.alloc(32)],
  [0x22, Buffer.alloc(70)],
];
const byMaker = (digest: Uint8Array): readonly Entry[] => [[0x10, digest], ...signedBy(testKeyPair(), digest)];
const romFixed = assemble({ open: byMaker, flags: 0x100, loadAddress: 0x8000 });
/** The neutral element: every signature with R = 1 and S = 0 fits. */
const WEAK_KEY = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(`302a300506032b6570032100${'01'.padEnd(64, '0')}`, 'hex').toString('base64')}\n-----END PUBLIC KEY-----\n`;

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
    ['not signed', unsigned, ['--key', key], 'image-signature', 5],
    ['not signed, no key known', unsigned, [], 'image-signature', 5],
    ['signed with ECDSA', temporaryFile('e.dfu', assemble({ open: byEcdsa })), [], 'image-signature', 5],
    ['of imgtool sign -F', temporaryFile('r.dfu', romFixed), [], 'image-structure', 5],
    ['a key that anybody can sign for', image, ['--key', temporaryFile('weak.pem', WEAK_KEY)], 'key-unusable', 2],
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

test('the remedy for an image of imgtool sign -F is to sign it without', async () => {
  const { result } = await run(['verify', temporaryFile('r.dfu', romFixed), '--json']);
  expect(result?.remedy).toBe('Sign it again with imgtool without --rom-fixed (-F), or ask its maker to.');
});

test('a signature of another algorithm is named', async () => {
  const { result, events } = await run(['verify', temporaryFile('e.dfu', assemble({ open: byEcdsa })), '--json']);
  expect(result?.message).toContain('expected an Ed25519 signature, found one made with ECDSA');
  expect(events).toContainEqual(expect.objectContaining({ event: 'image', signature: 'absent', keyHash: null }));
});

test.each([
  [{ vendorId: 0xffff, productId: 0xffff }, 'any device (any:any), any hardware'],
  [{ productId: 0xffff }, 'SpacePack (19E7:any), any hardware'],
  [{ vendorId: 0x1234, productId: 0xffff }, 'no device that spacepack knows (1234:any), any hardware'],
])('of a suffix with %j people read: for %s', async (suffix, text) => {
  const { stdout } = await run(['verify', temporaryFile('any.dfu', assemble({ open: byMaker, suffix }))]);
  expect(stdout).toContain(text);
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
