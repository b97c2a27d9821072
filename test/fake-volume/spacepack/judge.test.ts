import { describe, expect, test } from 'vitest';
import { type BenchDevice, type BenchOptions, createBenchDevice } from '../bench-device.ts';
import { RESERVED, reservedPath } from '../cards/card.ts';
import { fileNode, putNode } from '../cards/medium.ts';
import { rewriteValue } from '../scenarios/tamper.ts';
import { crc32Hex, sha256Hex } from './checksum.ts';
import { withFlippedBit } from './flip.ts';
import { addSuffix, buildImage, buildPayload, type ImageOptions, testKeyPair } from './image/build.ts';
import { buildInstallTrigger } from './trigger-build.ts';

/** A fault of an install, in the order in which the device must look for them (protocol §8.5). */
interface Fault {
  readonly name: string;
  readonly code: string;
  readonly image?: ImageOptions;
  readonly device?: BenchOptions;
  /** Of the payload as a whole; the trigger agrees with what comes out. */
  readonly payload?: (payload: Uint8Array) => Uint8Array;
  /** Of what is on the card; the trigger does not agree. */
  readonly card?: (bench: BenchDevice) => void;
}

/** Changes a byte inside the image and gives it a suffix that agrees. */
function withBrokenImage(at: number) {
  return (payload: Uint8Array): Uint8Array => {
    const image = Buffer.from(payload.subarray(0, -16));
    image[at] = (image[at] ?? 0) ^ 0xff;
    return addSuffix(image);
  };
}

const stranger = testKeyPair('a stranger');

const FAULTS: readonly Fault[] = [
  {
    name: 'no payload',
    code: 'length',
    card: ({ card }) => card.remove(reservedPath(RESERVED.payload)),
  },
  {
    name: 'two payloads',
    code: 'length',
    card: ({ medium }) => putNode(medium, 'SPACEPAK/update.bin', fileNode(buildPayload())),
  },
  {
    name: 'one byte more than announced',
    code: 'length',
    card: ({ card }) => rewriteValue(card, RESERVED.trigger, 'length', '7'),
  },
  { name: 'more than Max-Payload', code: 'length', device: { settings: { maxPayloadBytes: 1_000 } } },
  {
    name: 'another CRC',
    code: 'crc',
    card: ({ card }) => rewriteValue(card, RESERVED.trigger, 'payload-crc32', '00000000'),
  },
  {
    name: 'another SHA-256',
    code: 'digest',
    card: ({ card }) => rewriteValue(card, RESERVED.trigger, 'payload-sha256', 'ab'.repeat(32)),
  },
  { name: 'no suffix', code: 'crc', payload: (payload) => payload.subarray(0, -16) },
  {
    name: 'a suffix with a wrong CRC',
    code: 'crc',
    payload: (payload) => Buffer.concat([payload.subarray(0, -1), Buffer.from([1])]),
  },
  { name: 'no MCUboot image', code: 'digest', payload: withBrokenImage(0) },
  { name: 'an image with another hash than it states', code: 'digest', payload: withBrokenImage(100) },
  { name: 'no signature', code: 'signature', image: { key: null } },
  { name: 'a signature by a stranger', code: 'signature', image: { key: stranger } },
  {
    name: 'another serial',
    code: 'wrong-device',
    card: ({ card }) => rewriteValue(card, RESERVED.trigger, 'serial', 'SP9'),
  },
  { name: 'another vendor', code: 'wrong-device', image: { vendorId: 0x1234 } },
  { name: 'another product', code: 'wrong-device', image: { productId: 0x1234 } },
  { name: 'another hardware revision', code: 'wrong-hardware', image: { bcdDevice: 0x0101 } },
  { name: 'a security counter below the floor', code: 'rollback', device: { securityFloor: 2 } },
  { name: 'a version below the running one', code: 'rollback', device: { runs: { version: { major: 2, build: 1 } } } },
  { name: 'more than the flash memory holds', code: 'no-space', device: { settings: { flashBytes: 500 } } },
  { name: 'a battery below Battery-Min', code: 'low-battery', device: { battery: 29 } },
];

function merged(faults: readonly Fault[]): { image: ImageOptions; device: BenchOptions } {
  const settings = Object.assign({}, ...faults.map(({ device }) => device?.settings ?? {}));
  return {
    image: Object.assign({}, ...faults.map(({ image }) => image ?? {})),
    device: { ...Object.assign({}, ...faults.map(({ device }) => device ?? {})), settings },
  };
}

function play(faults: readonly Fault[]): BenchDevice {
  const { image, device } = merged(faults);
  const bench = createBenchDevice(device);
  const payload = faults.reduce((bytes, fault) => fault.payload?.(bytes) ?? bytes, buildPayload(image));
  bench.hostMounts();
  bench.hostWrites(RESERVED.payload, payload);
  bench.hostWrites(RESERVED.trigger, buildInstallTrigger(bench.present(), payload));
  for (const fault of faults) fault.card?.(bench);
  bench.hostUnmounts();
  bench.pass(60_000);
  return bench;
}

describe('an install with one fault is refused, and nothing is erased (protocol §8.5)', () => {
  test.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', (_, fault) => {
    const bench = play([fault]);
    const before = bench.firmware.memory.flash;
    expect(bench.status().get('code')).toBe(fault.code);
    expect(bench.status().get('state')).toBe('rejected');
    expect(bench.log.some(({ message }) => message.startsWith('erases'))).toBe(false);
    expect(bench.firmware.memory).toMatchObject({ flash: before, flashState: 'confirmed' });
    expect(bench.info().get('mode')).toBe('application');
  });
});

describe('of two faults, the one that is looked for first is told', () => {
  const pairs = FAULTS.slice(0, -1).map((fault, index) => [fault, FAULTS[index + 1]] as const);
  const independent = pairs.filter(
    ([first, second]) => second !== undefined && first.code !== second.code && !(first.payload && second.payload),
  );
  test.each(independent.map(([first, second]) => [first.name, second?.name ?? '', first, second] as const))(
    '%s, then %s',
    (_first, _second, first, second) => {
      expect(
        play(second === undefined ? [first] : [first, second])
          .status()
          .get('code'),
      ).toBe(first.code);
    },
  );
});

describe('an install that the device must take', () => {
  test.each<[string, ImageOptions, BenchOptions]>([
    ['for just this hardware revision', { bcdDevice: 0x0100 }, {}],
    ['for any hardware revision', { bcdDevice: 0xffff }, {}],
    ['of the running version', { version: { major: 1 }, code: Buffer.alloc(900, 1) }, {}],
    ['with the security counter of the floor', { securityCounter: 3 }, { securityFloor: 3 }],
    ['at a battery of just Battery-Min', {}, { battery: 30 }],
    [
      'signed by the second of two trusted keys',
      { key: stranger },
      { settings: { trustedKeys: [testKeyPair().publicKey, stranger.publicKey] } },
    ],
  ])('%s', (_, image, device) => {
    expect(
      play([{ name: '', code: '', image, device }])
        .status()
        .get('state'),
    ).toBe('applied');
  });

  test('of a lower version, if the trigger allows it', () => {
    const bench = createBenchDevice({ runs: { version: { major: 3 } } });
    const payload = buildPayload();
    bench.hostMounts();
    bench.hostWrites(RESERVED.payload, payload);
    bench.hostWrites(RESERVED.trigger, buildInstallTrigger({ ...bench.present(), allowDowngrade: true }, payload));
    bench.hostUnmounts();
    bench.pass(60_000);
    expect(bench.info().get('version')).toBe('2.0.0+0');
  });
});

test('a broken suffix is told before a broken image', () => {
  const payload = (bytes: Uint8Array) => Buffer.concat([withBrokenImage(0)(bytes).subarray(0, -1), Buffer.from([1])]);
  expect(
    play([{ name: '', code: '', payload }])
      .status()
      .get('code'),
  ).toBe('crc');
});

test('versions count as numbers, from the left, the build last', () => {
  const older: readonly NonNullable<ImageOptions['version']>[] = [
    { major: 0, minor: 255, revision: 65_535, build: 4_294_967_295 },
    { major: 1, minor: 9, revision: 300 },
  ];
  for (const version of older) {
    const running = { major: 1, minor: 10, revision: 2, build: 0 };
    const bench = play([{ name: '', code: '', image: { version }, device: { runs: { version: running } } }]);
    expect(bench.status().get('code')).toBe('rollback');
  }
});

test('the image that the flash memory holds is the payload without its suffix', () => {
  const bench = play([]);
  expect(Buffer.compare(bench.firmware.memory.flash ?? Buffer.alloc(0), buildImage())).toBe(0);
  expect(sha256Hex(buildPayload().subarray(0, -16))).toBe(sha256Hex(buildImage()));
  expect(crc32Hex(Buffer.from('123456789'))).toBe('CBF43926');
  expect(Buffer.compare(withFlippedBit(buildImage()), buildImage())).not.toBe(0);
});
