import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, temporaryFile, temporaryFolder } from '../../harness.ts';

/** Reads UF2 as microsoft/uf2's README describes it, without any code of ours. */
function readUf2(path: string) {
  const file = readFileSync(path);
  expect(file.length % 512).toBe(0);
  const blocks = Array.from({ length: file.length / 512 }, (_, index) => {
    const block = file.subarray(512 * index, 512 * (index + 1));
    const word = (offset: number): number => block.readUInt32LE(offset);
    expect([word(0), word(4), word(508)]).toEqual([0x0a324655, 0x9e5d5157, 0x0ab16f30]);
    expect({ flags: word(8), number: word(20), count: word(24) }).toEqual({
      flags: 0x2000,
      number: index,
      count: file.length / 512,
    });
    return { address: word(12), payload: block.subarray(32, 32 + word(16)), family: word(28) };
  });
  return {
    families: [...new Set(blocks.map(({ family }) => family))],
    addresses: blocks.map(({ address }) => address),
    byteAt: (address: number): number | undefined => {
      const block = blocks.find((each) => address >= each.address && address < each.address + each.payload.length);
      return block?.payload[address - block.address];
    },
  };
}

const bytes = Uint8Array.from({ length: 600 }, (_, index) => (7 * index + 3) & 0xff);
const binary = temporaryFile('app.bin', bytes);
const hex = temporaryFile('app.hex', ':020000040800F2\n:0400100001020304E2\n:0410000005060708D2\n:00000001FF\n');
const out = (): string => join(temporaryFolder(), 'out.uf2');

async function create(application: string, options: readonly string[]) {
  const path = out();
  const argv = ['image', 'create', '--format', 'uf2', application, '--out', path, '--json', ...options];
  return { path, ...(await run(argv)) };
}

describe('a UF2 file is made', () => {
  test('from a raw binary, byte for byte as uf2conv makes it', async () => {
    const { path, status } = await create(binary, ['--family', 'SAMD21', '--address', '0x2000']);
    expect(status).toBe(0);
    const reference = new URL('../../../protocol/uf2/fixtures/binary.uf2', import.meta.url);
    expect(readFileSync(path)).toEqual(readFileSync(reference));
  });

  test('from Intel HEX, whose gaps are filled like erased flash memory', async () => {
    const { path, status } = await create(hex, ['--family', '0xADA52840']);
    expect(status).toBe(0);
    const { families, addresses, byteAt } = readUf2(path);
    expect(families).toEqual([0xada52840]);
    expect(addresses).toEqual([0x0800_0000, 0x0800_1000]);
    expect([0x0800_0010, 0x0800_0013, 0x0800_1000, 0x0800_1003].map(byteAt)).toEqual([1, 4, 5, 8]);
    expect([0x0800_000f, 0x0800_0014, 0x0800_1004].map(byteAt)).toEqual([0xff, 0xff, 0xff]);
  });

  test('for chips that erase by block number, in whole sectors, filled with zeros as picotool does', async () => {
    const { path, status } = await create(hex, ['--family', 'rp2040']);
    expect(status).toBe(0);
    const { families, addresses, byteAt } = readUf2(path);
    expect(families).toEqual([0xe48bff56]);
    expect(addresses).toEqual(Array.from({ length: 17 }, (_, index) => 0x0800_0000 + 256 * index));
    expect([0x0800_000f, 0x0800_0900, 0x0800_1004].map(byteAt)).toEqual([0, 0, 0]);
  });

  test('and its map is told and shown', async () => {
    const options = ['--family', 'SAMD21', '--address', '0x2000'];
    const { path, events } = await create(binary, options);
    expect(events).toContainEqual(expect.objectContaining({ event: 'file', role: 'image', path }));
    expect(events).toContainEqual(expect.objectContaining({ event: 'image', format: 'UF2', version: null }));
    expect(events).toContainEqual(expect.objectContaining({ event: 'map', target: 'SAMD21 (68ED2B88)' }));
    const { stdout } = await run(['image', 'create', '--format', 'uf2', binary, '-o', out(), ...options]);
    expect(stdout).toMatch(/00002000 to 000022FF/);
  });
});

describe('refused, and nothing is made', () => {
  const elf = temporaryFile('app.elf', '\x7fELF\x01\x01\x01 and more');
  const broken = temporaryFile('app.hex', ':0400000001020304F3\n:00000001FF\n');
  const packed = temporaryFile('app.bin', Uint8Array.of(0x1f, 0x8b, 8, 0));
  const uf2 = temporaryFile('app.bin', 'UF2\n and more');
  const family = ['--family', 'SAMD21'];
  const at = ['--address', '0x2000'];
  test.each<[string, string, readonly string[], string, RegExp]>([
    ['no family', binary, at, 'usage', /--family/],
    ['an unknown family', binary, ['--family', 'RP2041', ...at], 'usage', /--family .*"RP2041".*RP2040/],
    ['a family id that is none', binary, ['--family', '0x123456789', ...at], 'usage', /--family/],
    ['no address for a raw binary', binary, family, 'usage', /--address/],
    ['an address that is none', binary, [...family, '--address', '8192'], 'usage', /--address .*"8192"/],
    ['an address within a page', binary, [...family, '--address', '0x2004'], 'usage', /--address .* 256.* 00002004/],
    ['one within a sector', binary, ['--family', 'RP2040', '--address', '0x10000100'], 'usage', /--address .* 4096/],
    ['an address with too little room', binary, [...family, '--address', '0xffffff00'], 'usage', /256 bytes.*600/],
    ['an address for Intel HEX', hex, [...family, ...at], 'usage', /no --address/],
    ['an option of another format', binary, [...family, ...at, '--version', '1.2.3'], 'usage', /no --version/],
    ['a broken HEX file', broken, family, 'image-structure', /line 1/],
    ['an ELF file', elf, [...family, ...at], 'image-structure', /an ELF file/],
    ['a gzip file', packed, [...family, ...at], 'image-structure', /a gzip file/],
    ['a UF2 file', uf2, [...family, ...at], 'image-structure', /a UF2 file/],
    ['no file', '/nowhere.bin', [...family, ...at], 'image-unreadable', /nowhere/],
  ])('%s', async (_, application, options, code, message) => {
    const { path, result } = await create(application, options);
    expect({ code: result?.code, message: result?.message }).toEqual({
      code,
      message: expect.stringMatching(message),
    });
    expect(existsSync(path)).toBe(false);
  });

  test('an ELF file with the command that converts it', async () => {
    const { result } = await create(elf, [...family, ...at]);
    expect(result?.remedy).toContain('objcopy -O ihex');
  });

  test('a format that nothing here makes, by the ones that can be made', async () => {
    const { result } = await run(['image', 'create', '--format', 'hex', binary, '--out', out(), '--json']);
    expect(result).toMatchObject({ code: 'usage', message: expect.stringMatching(/--format dfu or uf2.*"hex"/) });
  });

  test('options of UF2 for the usual format, and the usual ones that are missing', async () => {
    const usual = ['image', 'create', binary, '--out', out(), '--json'];
    const all = [...usual, '--version', '1.2.3', '--security-counter', '4', ...at];
    expect((await run(all)).result).toMatchObject({ code: 'usage', message: expect.stringMatching(/no --address/) });
    expect((await run(usual)).result).toMatchObject({ code: 'usage', message: expect.stringMatching(/--version/) });
    const counted = await run([...usual, '--version', '1.2.3']);
    expect(counted.result).toMatchObject({ code: 'usage', message: expect.stringMatching(/--security-counter/) });
  });
});
