import { describe, expect, test } from 'vitest';
import { createUf2 } from '../../../../src/protocol/uf2/create.ts';
import { run, temporaryFile } from '../../harness.ts';

const bytes = new Uint8Array(512).fill(0x5a);
const ranges = [
  { address: 0x1000_0000, bytes },
  { address: 0x1000_1000, bytes },
];
const uf2 = temporaryFile('a.uf2', createUf2(ranges, { familyId: 0xe48bff56, filler: 0, sectorBytes: 256 }));

describe('the map of an image', () => {
  test('is told to programs', async () => {
    const { events, status } = await run(['image', 'inspect', uf2, '--json']);
    expect(status).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ event: 'image', format: 'UF2', signature: 'none' }));
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'map',
        target: 'RP2040 (E48BFF56)',
        ranges: [
          { start: '10000000', end: '100001FF', sizeBytes: 512 },
          { start: '10001000', end: '100011FF', sizeBytes: 512 },
        ],
      }),
    );
  });

  test('is shown to people, with its holes', async () => {
    const { stdout } = await run(['verify', uf2]);
    expect(stdout).toMatch(/RP2040 \(E48BFF56\)/);
    expect(stdout).toMatch(/10000000 to 100001FF/);
    expect(stdout).toMatch(/left as they are/);
    const { result } = await run(['verify', uf2, '--json']);
    expect(result?.message).toMatch(/carry no signature/);
  });
});
