import { createHash, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requireImage } from '../../src/image/check.ts';
import { memoryPayload } from '../../src/image/payload.ts';
import { crc32 } from '../../src/protocol/checksum.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import { toHex } from '../../src/protocol/hex.ts';
import type { ImageReport } from '../../src/protocol/image-facts.ts';
import { spacepack } from '../../src/protocol/spacepack/family.ts';
import { parseInfo } from '../../src/protocol/spacepack/info.ts';
import type { Board } from '../fake-volume/spacepack/board.ts';
import { sha256Hex } from '../fake-volume/spacepack/checksum.ts';
import { addSuffix, testKeyPair } from '../fake-volume/spacepack/image/build.ts';
import { judgePayload } from '../fake-volume/spacepack/judge.ts';
import { DEFAULT_SETTINGS } from '../fake-volume/spacepack/settings.ts';
import { altered } from '../protocol/spacepack/examples.ts';
import { assemble, type Entry, hashOfRawKey, type ImageParts, signedBy } from './image-parts.ts';
import { inspectImage } from './images.ts';

type Verdict = 'taken' | 'structure' | 'signature' | 'wrong-device' | 'wrong-hardware';

const maker = testKeyPair();
const second = testKeyPair('a second key of the maker');
const stranger = testKeyPair('a stranger');
/** What both sides trust. */
const trusted = [maker.publicKey, second.publicKey];

function ofHost(report: ImageReport): Verdict {
  try {
    const image = requireImage(report, 'test.dfu');
    const parsed = parseInfo(altered('12.1', { 'Security-Floor': '0', Version: '1.0.0+0' }, crc32));
    if (parsed.kind !== 'intact') throw new Error(parsed.kind);
    const info = { own: parsed.value } as Parameters<typeof spacepack.checkFit>[1];
    spacepack.checkFit(image, info, true);
    return 'taken';
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    if (thrown.code === 'image-signature') return 'signature';
    if (thrown.code === 'image-wrong-device') return 'wrong-device';
    return thrown.code === 'image-wrong-hardware' ? 'wrong-hardware' : 'structure';
  }
}

async function askHost(payload: Uint8Array, publicKeys = trusted): Promise<Verdict> {
  return ofHost(await inspectImage(memoryPayload('test.dfu', payload), { publicKeys }));
}

function askDevice(payload: Uint8Array, trustedKeys = trusted): Verdict {
  const board = {
    settings: { ...DEFAULT_SETTINGS, trustedKeys },
    memory: { securityFloor: 0 },
    running: { mode: 'bootloader' },
    batteryPercent: 100,
    card: () => ({
      find: () => ({ kind: 'file', sizeBytes: payload.length }),
      read: () => payload,
    }),
  } as unknown as Board;
  const order = {
    lengthBytes: payload.length,
    crc32: toHex(crc32(payload), 8),
    sha256: sha256Hex(payload),
    allowDowngrade: true,
  } as Parameters<typeof judgePayload>[2];
  const trigger = { serial: DEFAULT_SETTINGS.serial } as Parameters<typeof judgePayload>[1];
  const judgement = judgePayload(board, trigger, order);
  if (judgement.ok) return 'taken';
  const { code } = judgement.answer;
  return code === 'signature' || code === 'wrong-device' || code === 'wrong-hardware' ? code : 'structure';
}

async function bothSay(payload: Uint8Array): Promise<Verdict> {
  const verdict = askDevice(payload);
  expect(await askHost(payload)).toBe(verdict);
  return verdict;
}

const usual = (digest: Uint8Array): readonly Entry[] => [[0x10, digest], ...signedBy(maker, digest)];
const wrong = (digest: Uint8Array): readonly Entry[] =>
  signedBy(
    maker,
    digest.map((byte) => byte ^ 1),
  );
const payloadOf = (parts: Partial<ImageParts> = {}): Uint8Array => assemble({ open: usual, ...parts });
const signedAs = (...proofs: ((digest: Uint8Array) => readonly Entry[])[]): Uint8Array =>
  payloadOf({ open: (digest) => [[0x10, digest], ...proofs.flatMap((proof) => proof(digest))] });
const byMaker = (digest: Uint8Array): readonly Entry[] => signedBy(maker, digest);
const bySecond = (digest: Uint8Array): readonly Entry[] => signedBy(second, digest);
const byStranger = (digest: Uint8Array): readonly Entry[] => signedBy(stranger, digest);

describe('host and device say the same about an image (protocol §8)', () => {
  test.each<[string, Partial<ImageParts>, Verdict]>([
    ['as imgtool makes it', {}, 'taken'],
    ['of imgtool sign -F: flag ROM_FIXED and an address', { flags: 0x100, loadAddress: 0x8000 }, 'structure'],
    ['of imgtool sign -L: flag RAM_LOAD and an address', { flags: 0x20, loadAddress: 0x2000_0000 }, 'structure'],
    ['with the flag PIC', { flags: 1 }, 'structure'],
    ['with a flag that nobody has named', { flags: 0x4000_0000 }, 'structure'],
    ['with a load address, but no flag', { loadAddress: 0x8000 }, 'taken'],
    ['without an application', { code: Buffer.alloc(0) }, 'structure'],
    ['with a padded header', { headerBytes: 512 }, 'taken'],
    ['with two counters', { counters: 2 }, 'structure'],
    ['without a counter', { counters: 0 }, 'structure'],
    [
      'with dependencies and a boot record',
      {
        guarded: [
          [0x40, Buffer.alloc(12)],
          [0x60, Buffer.alloc(9)],
        ],
      },
      'taken',
    ],
    ['with a key hash that is protected', { guarded: [[0x01, Buffer.alloc(32)]] }, 'structure'],
    ['with another hash that is protected', { guarded: [[0x12, Buffer.alloc(64)]] }, 'structure'],
    ['with a key for decryption that is protected', { guarded: [[0x33, Buffer.alloc(80)]] }, 'structure'],
    ['with a byte behind it', { behind: Buffer.alloc(1) }, 'structure'],
    ['with another suffix behind it', { behind: addSuffix(Buffer.alloc(0)) }, 'structure'],
    ['for any vendor', { suffix: { vendorId: 0xffff } }, 'taken'],
    ['for any product', { suffix: { productId: 0xffff } }, 'taken'],
    ['for any device', { suffix: { vendorId: 0xffff, productId: 0xffff } }, 'taken'],
    ['for any product of another vendor', { suffix: { vendorId: 0x1234, productId: 0xffff } }, 'wrong-device'],
    ['for another product', { suffix: { productId: 0x1112 } }, 'wrong-device'],
    ['for another hardware', { suffix: { bcdDevice: 0x0101 } }, 'wrong-hardware'],
  ])('%s', async (_, parts, verdict) => {
    expect(await bothSay(payloadOf(parts))).toBe(verdict);
  });

  test.each<[string, ImageParts['open'], Verdict]>([
    ['the signature before the hash', (digest) => [...byMaker(digest), [0x10, digest]], 'taken'],
    ['two hashes', (digest) => [[0x10, digest], ...usual(digest)], 'structure'],
    ['a counter that nobody signed', (digest) => [...usual(digest), [0x50, Buffer.alloc(4)]], 'structure'],
    ['a whole key', (digest) => [[0x10, digest], [0x02, Buffer.alloc(44)], ...byMaker(digest)], 'structure'],
    ['an entry that nobody signed', (digest) => [...usual(digest), [0xa0, Buffer.alloc(3)]], 'structure'],
    ['a key hash of 31 bytes', (digest) => [...usual(digest), [0x01, Buffer.alloc(31)]], 'structure'],
    ['a signature of 65 bytes', (digest) => [...usual(digest), [0x24, Buffer.alloc(65)]], 'structure'],
    ['SIG_PURE', (digest) => [...usual(digest), [0x25, Buffer.from([1])]], 'structure'],
    ['a key for decryption', (digest) => [...usual(digest), [0x33, Buffer.alloc(80)]], 'structure'],
    ['an ECDSA signature beside it', (digest) => [...usual(digest), [0x22, Buffer.alloc(70)]], 'taken'],
  ])('with %s', async (_, open, verdict) => {
    expect(await bothSay(payloadOf({ open }))).toBe(verdict);
  });
});

describe('signatures (protocol §8.2)', () => {
  test.each<[string, Uint8Array, Verdict]>([
    ['none', signedAs(), 'signature'],
    ['a stranger’s', signedAs(byStranger), 'signature'],
    ['two, the stranger’s first', signedAs(byStranger, byMaker), 'taken'],
    ['two, the stranger’s last', signedAs(byMaker, byStranger), 'taken'],
    ['two of the maker', signedAs(byMaker, bySecond), 'taken'],
    ['two of the maker, one of them wrong', signedAs(wrong, bySecond), 'signature'],
    ['two of the maker, the last of them wrong', signedAs(bySecond, wrong), 'signature'],
    ['one that names no key', signedAs((digest) => byMaker(digest).slice(1)), 'signature'],
    [
      'one, and two key hashes before it',
      signedAs((digest) => [...byStranger(digest).slice(0, 1), ...byMaker(digest)]),
      'taken',
    ],
    ['one key hash for two', signedAs(byMaker, (digest) => byStranger(digest).slice(1)), 'taken'],
    ['of ECDSA alone', signedAs((digest) => [...byMaker(digest).slice(0, 1), [0x22, Buffer.alloc(70)]]), 'signature'],
  ])('%s', async (_, payload, verdict) => {
    expect(await bothSay(payload)).toBe(verdict);
  });
});

/** Encodings of points of small order (RFC 8032 §5.1.3), with the sign bit and not reduced: many verifiers accept them. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

/** RFC 8032 §5.1: the order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/**
 * Whether the forged signature fits a message: RFC 8032 §5.1.7 with the neutral element as R and 0 as S, where eight
 * times the key is the neutral element. Computed here, because OpenSSL 3.5 no longer says yes.
 */
function isFitting(forged: Uint8Array, rawKey: Uint8Array, message: Uint8Array): boolean {
  const k = createHash('sha512').update(forged.subarray(0, 32)).update(rawKey).update(message).digest().reverse();
  return (BigInt(`0x${k.toString('hex')}`) % L) % 8n === 0n;
}

describe.each(SMALL_ORDER)('a key of small order, for which anybody can sign: %s', (hex) => {
  const raw = Buffer.from(hex, 'hex');
  const forged = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]);
  const key = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]),
    format: 'der',
    type: 'spki',
  });
  const pem = key.export({ format: 'pem', type: 'spki' }).toString();
  /** An image whose hash the forged signature fits: about one in eight does. */
  const payload = Array.from({ length: 200 }, (_, n) =>
    payloadOf({
      code: Buffer.from(`code ${n}`),
      open: (digest) => [
        [0x10, digest],
        [0x01, hashOfRawKey(raw)],
        [0x24, forged],
        ...(isFitting(forged, raw, digest) ? [] : ([[0xff, Buffer.alloc(0)]] as const)),
      ],
    }),
  ).find((bytes) => askDevice(bytes) === 'signature');

  test('is trusted by neither side, though the signature fits', async () => {
    if (payload === undefined) throw new Error('expected a hash that the signature fits');
    expect(askDevice(payload, [pem])).toBe('signature');
    await expect(askHost(payload, [pem])).rejects.toMatchObject({ code: 'key-unusable' });
  });

  test('is no signature where no key is known: it is known that no device takes it', async () => {
    expect(await askHost(payload ?? new Uint8Array(), [])).toBe('signature');
  });
});

describe('where no key is known', () => {
  test.each<[string, Uint8Array, Verdict]>([
    ['an image that is signed is left to the device', signedAs(byStranger), 'taken'],
    ['an image without a signature is refused', signedAs(), 'signature'],
    ['one whose only signature names no key is refused', signedAs((digest) => byMaker(digest).slice(1)), 'signature'],
  ])('%s', async (_, payload, verdict) => {
    expect(await askHost(payload, [])).toBe(verdict);
  });
});

test('host and device say the same about any mutated image', async () => {
  const bytes = (most: number) => fc.uint8Array({ maxLength: most });
  const type = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }));
  const stray: fc.Arbitrary<Entry> = fc.tuple(
    type,
    fc.oneof(bytes(40), fc.constantFrom(...[4, 32, 64].map((n) => new Uint8Array(n)))),
  );
  const proofs = fc.array(fc.constantFrom(byMaker, bySecond, byStranger, wrong), { maxLength: 3 });
  const id = (ours: number) => fc.constantFrom(ours, ours, 0xffff, 0x1234);
  const rare = <T>(usually: T, else_: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 5, arbitrary: fc.constant(usually) }, { weight: 1, arbitrary: else_ });
  const parts = fc.record({
    proofs,
    strays: rare<readonly Entry[]>([], fc.array(stray, { maxLength: 2 })),
    shuffle: fc.boolean(),
    duplicate: rare(false, fc.constant(true)),
    drop: rare(false, fc.constant(true)),
    seed: fc.nat(),
    guarded: rare<readonly Entry[]>([], fc.array(stray, { maxLength: 2 })),
    counters: rare(1, fc.nat(2)),
    flags: rare(0, fc.nat(0xffff_ffff)),
    loadAddress: rare(0, fc.nat(0xffff_ffff)),
    headerBytes: rare(32, fc.integer({ min: 0, max: 100 })),
    code: fc.uint8Array({ maxLength: 40 }),
    behind: rare(new Uint8Array(), bytes(20)),
    suffix: fc.record({ vendorId: id(0x19e7), productId: id(0x1111), bcdDevice: id(0x0100) }),
    flip: fc.option(fc.tuple(fc.nat(), fc.nat(7)), { freq: 3 }),
    cut: rare(0, fc.nat(60)),
    refit: fc.boolean(),
  });
  const tally = new Map<Verdict, number>();
  await fc.assert(
    fc.asyncProperty(
      parts,
      async ({ proofs: chosen, strays, shuffle, duplicate, drop, seed, flip, cut, refit, ...rest }) => {
        const whole = assemble({
          ...rest,
          open(digest) {
            const entries: Entry[] = [[0x10, digest], ...chosen.flatMap((proof) => proof(digest)), ...strays];
            if (shuffle) entries.push(...entries.splice(0, seed % entries.length));
            if (duplicate) entries.push(entries[seed % entries.length] as Entry);
            if (drop) entries.splice(seed % entries.length, 1);
            return entries;
          },
        });
        const mutated = Buffer.from(whole);
        if (flip !== null)
          mutated[flip[0] % mutated.length] = (mutated[flip[0] % mutated.length] ?? 0) ^ (1 << flip[1]);
        const shorter = mutated.subarray(0, mutated.length - cut);
        const verdict = await bothSay(refit ? addSuffix(shorter.subarray(0, -16), rest.suffix) : shorter);
        tally.set(verdict, (tally.get(verdict) ?? 0) + 1);
      },
    ),
    { numRuns: 1_000 },
  );
  // Each side must have had its say: a property over broken images alone shows nothing.
  expect([...tally.keys()].sort()).toEqual(['signature', 'structure', 'taken', 'wrong-device', 'wrong-hardware']);
});
