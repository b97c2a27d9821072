import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requireImage } from '../../../../src/image/check.ts';
import { trustedKey } from '../../../../src/image/keys.ts';
import { memoryPayload } from '../../../../src/image/payload.ts';
import { crc32 } from '../../../../src/protocol/checksum.ts';
import { SpacepackError } from '../../../../src/protocol/errors.ts';
import type { FaultCode } from '../../../../src/protocol/faults.ts';
import { dfuCrcOf, encodeDfuSuffix } from '../../../../src/protocol/firmware/dfu-suffix.ts';
import type { ImageReport, TrustedKey } from '../../../../src/protocol/image-facts.ts';
import { imageFormat } from '../../../../src/protocol/spacepack/image/format.ts';
import { type Examined, examineImage } from '../../../../src/protocol/spacepack/image/image.ts';
import {
  encodeTlvArea,
  PROTECTED_MAGIC,
  TLV,
  UNPROTECTED_MAGIC,
} from '../../../../src/protocol/spacepack/image/tlv.ts';
import { fixture, fixtureKey, publicKey, signedRecipe } from '../../../image/fixtures.ts';
import { createImage, scanPayload } from '../../../image/images.ts';

const maker = trustedKey(publicKey('maker'));
const stranger = trustedKey(publicKey('stranger'));
const signed = fixture('signed.dfu');

async function examine(bytes: Uint8Array, keys: readonly TrustedKey[] = [maker]): Promise<Examined> {
  return examineImage(await scanPayload(memoryPayload('test.dfu', bytes)), { keys, weak: new Set() });
}

async function inspect(bytes: Uint8Array, keys: readonly TrustedKey[] = [maker]): Promise<ImageReport> {
  const scanner = imageFormat.createScanner(
    bytes.length,
    ...([() => createHash('sha256'), () => createHash('md5')] as const),
  );
  scanner.take(bytes);
  return { ...scanner.finish(keys), format: imageFormat.name };
}

async function verdictOf(bytes: Uint8Array, keys: readonly TrustedKey[] = [maker]): Promise<FaultCode | 'passes'> {
  const report = await inspect(bytes, keys);
  try {
    requireImage(report, 'test.dfu');
    return 'passes';
  } catch (thrown) {
    if (thrown instanceof SpacepackError) return thrown.code;
    throw thrown;
  }
}

/** The bytes with a suffix whose CRC is right, in place of their last 16 or behind them. */
function suffixed(bytes: Uint8Array): Uint8Array {
  const fields = { vendorId: 0x19e7, productId: 0x1111, hardware: 0x0100, crc: 0 };
  const payload = Uint8Array.of(...bytes, ...encodeDfuSuffix(fields));
  const crc = dfuCrcOf(crc32(payload.subarray(0, -4)));
  return Uint8Array.of(...bytes, ...encodeDfuSuffix({ ...fields, crc }));
}

const image = signed.subarray(0, -16);
const text = (content: string): Uint8Array => new TextEncoder().encode(content.repeat(40));

describe('an image is judged', () => {
  test.each<[string, Uint8Array, FaultCode | 'passes']>([
    ['signed by imgtool, suffixed by dfu-suffix', signed, 'passes'],
    ['with a padded header and the highest build number', fixture('build-number.dfu'), 'passes'],
    ['for any hardware', fixture('any-hardware.dfu'), 'passes'],
    ['an empty file', new Uint8Array(0), 'image-truncated'],
    ['a single byte', Uint8Array.of(0x3d), 'image-truncated'],
    ['a suffix only', signed.subarray(-16), 'image-truncated'],
    ['cut short, with a suffix of its own', suffixed(image.subarray(0, 800)), 'image-truncated'],
    ['without a suffix', image, 'image-suffix'],
    ['an Intel HEX file', text(':10000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00\n'), 'image-suffix'],
    ['a UF2 file', text('UF2\nWQ]'), 'image-suffix'],
    ['with a suffix of DfuSe', fixture('dfuse-suffix.dfu'), 'image-suffix'],
    ['raw firmware with a suffix', suffixed(fixture('application.bin')), 'image-structure'],
    ['big-endian', fixture('big-endian.dfu'), 'image-structure'],
    ['encrypted', fixture('encrypted.dfu'), 'image-structure'],
    ['compressed', fixture('compressed.dfu'), 'image-structure'],
    ['padded to its slot', fixture('padded.dfu'), 'image-structure'],
    ['padded to its slot, without a suffix', fixture('padded.dfu').subarray(0, -16), 'image-suffix'],
    ['with bytes between image and suffix', suffixed(Uint8Array.of(...image, 0)), 'image-structure'],
    ['with two suffixes', suffixed(signed), 'image-structure'],
    ['without a security counter', fixture('no-counter.dfu'), 'image-structure'],
    ['with a SHA-512', fixture('sha512.dfu'), 'image-structure'],
    ['signed over the image itself', fixture('pure.dfu'), 'image-structure'],
    ['with the whole key', fixture('full-key.dfu'), 'image-structure'],
    [
      'with another byte in the application',
      suffixed(image.map((byte, at) => (at === 500 ? byte ^ 1 : byte))),
      'image-hash',
    ],
    ['made for one address', suffixed(fixture('rom-fixed.bin')), 'image-structure'],
    ['signed with ECDSA', suffixed(fixture('ecdsa.bin')), 'image-signature'],
    ['unsigned', fixture('unsigned.dfu'), 'image-signature'],
    ['signed by a stranger', fixture('stranger.dfu'), 'image-signature'],
  ])('%s', async (_, bytes, expected) => {
    expect(await verdictOf(bytes)).toBe(expected);
  });

  test('signed by anyone where no key is known', async () => {
    for (const name of ['stranger.dfu', 'signed.dfu']) {
      const checked = requireImage(await inspect(fixture(name), []), name);
      expect(checked.signature).toBe('unchecked');
    }
  });

  test('unsigned is refused, though no key is known', async () => {
    const report = await inspect(fixture('unsigned.dfu'), []);
    expect(report).toMatchObject({ signature: 'absent', keyHash: null });
    expect(() => requireImage(report, 'unsigned.dfu')).toThrow(expect.objectContaining({ code: 'image-signature' }));
  });

  test.each<[string, string, string]>([
    ['rom-fixed.bin', 'made for one address (ROM_FIXED)', 'without --rom-fixed (-F)'],
    ['ecdsa.bin', 'found one made with ECDSA', 'with an Ed25519 key'],
  ])('and the remedy for %s is what its maker has to do', async (name, found, remedy) => {
    const report = await inspect(suffixed(fixture(name)), []);
    expect(() => requireImage(report, name)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(found), remedy: expect.stringContaining(remedy) }),
    );
  });

  test('by the first check that fails, though all are made', async () => {
    const report = await examine(suffixed(image.map((byte, at) => (at === 500 ? byte ^ 1 : byte))));
    expect(report.checks.map(({ check, ok }) => [check, ok])).toEqual([
      ['length', true],
      ['suffix', true],
      ['suffix-crc', true],
      ['header', true],
      ['trailer', true],
      ['hash', false],
      ['signature', true],
    ]);
  });

  test('and described as it is', async () => {
    expect(requireImage(await inspect(signed), 'signed.dfu')).toEqual({
      sizeBytes: 1204,
      format: 'MCUboot image with DFU suffix',
      own: null,
      crc32: crc32(signed),
      sha256: (await examine(signed)).sha256,
      imageHash: 'b00586035c9819709369a72cd46dc4ef0d0fae17c2e8d287efdbc0d02768e23f',
      version: { major: 1, minor: 2, revision: 3, build: 0 },
      securityCounter: 5,
      vendorId: 0x19e7,
      productId: 0x1111,
      hardware: 0x0100,
      signature: 'verified',
      keyHash: maker.keyHash,
    });
  });
});

describe('signatures', () => {
  /** The signed fixture's image with other signatures behind its hash. */
  async function withSignatures(...makers: readonly ('maker' | 'stranger' | 'forged')[]): Promise<Uint8Array> {
    const hash = (await examine(signed)).trailer?.hash ?? new Uint8Array(32);
    const entries = makers.flatMap((name) => {
      const key = fixtureKey(name === 'stranger' ? 'stranger' : 'maker');
      const signature = key.sign(name === 'forged' ? new Uint8Array(32) : hash);
      return [
        { type: TLV.keyHash, value: key.keyHash },
        { type: TLV.ed25519, value: signature },
      ];
    });
    const area = encodeTlvArea(UNPROTECTED_MAGIC, [{ type: TLV.sha256, value: hash }, ...entries]);
    return suffixed(Uint8Array.of(...image.subarray(0, 1032 + 12), ...area));
  }

  test('by a stranger beside one by the maker do no harm', async () => {
    const bytes = await withSignatures('stranger', 'maker');
    expect(requireImage(await inspect(bytes), 'two.dfu')).toMatchObject({
      signature: 'verified',
      keyHash: maker.keyHash,
    });
  });

  test('that name a known key must all be right', async () => {
    expect(await verdictOf(await withSignatures('maker', 'forged'))).toBe('image-signature');
    expect(await verdictOf(await withSignatures('forged'))).toBe('image-signature');
    expect(await verdictOf(await withSignatures('forged', 'stranger'), [maker, stranger])).toBe('image-signature');
  });

  test('by any one of several known keys suffice', async () => {
    expect(await verdictOf(fixture('stranger.dfu'), [maker, stranger])).toBe('passes');
  });
});

describe('no image gets through', () => {
  test('that was cut short at any length', async () => {
    for (let length = 0; length < signed.length; length++) {
      const expected = length === signed.length - 16 ? 'image-suffix' : 'image-truncated';
      expect([length, await verdictOf(signed.subarray(0, length))]).toEqual([length, expected]);
    }
  });

  test('with any byte changed', async () => {
    for (let at = 0; at < signed.length; at++) {
      expect([at, await verdictOf(signed.map((byte, index) => (index === at ? byte ^ 0x10 : byte)))]).not.toEqual([
        at,
        'passes',
      ]);
    }
  });

  test('with any byte changed and the suffix made to fit', async () => {
    for (let at = 0; at < image.length; at++) {
      const changed = suffixed(image.map((byte, index) => (index === at ? byte ^ 0x10 : byte)));
      expect([at, await verdictOf(changed)]).not.toEqual([at, 'passes']);
    }
  });

  test('of arbitrary bytes, and nothing but a SpacepackError is thrown', async () => {
    const header = Array.from(signed.subarray(0, 32));
    const area = Array.from(encodeTlvArea(PROTECTED_MAGIC, []));
    const part = fc.oneof(fc.uint8Array(), fc.constantFrom(header, area, Array.from(signed.subarray(-16))));
    const bytes = fc.array(part, { maxLength: 5 }).map((parts) => Uint8Array.from(parts.flatMap((each) => [...each])));
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (any, fit) => {
        expect(await verdictOf(fit ? suffixed(any) : any)).not.toBe('passes');
      }),
    );
  });

  test('but every one that we make passes', async () => {
    const recipes = fc.record({
      application: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Uint8Array.of(0x01, ...bytes)),
      securityCounter: fc.nat(0xffff_ffff),
      hardware: fc.nat(0xffff),
      headerSize: fc.integer({ min: 32, max: 1024 }),
    });
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const checked = requireImage(await inspect(createImage({ ...signedRecipe, ...recipe })), 'made.dfu');
        expect(checked).toMatchObject({
          signature: 'verified',
          securityCounter: recipe.securityCounter,
          hardware: recipe.hardware,
        });
      }),
    );
  });
});
