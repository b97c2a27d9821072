import { describe, expect, test } from 'vitest';
import { checkImage } from '../../src/image/check.ts';
import { memoryPayload } from '../../src/image/payload.ts';
import { hexFormat } from '../../src/protocol/firmware/intel-hex/format.ts';
import { rawFormat } from '../../src/protocol/firmware/raw-format.ts';
import { uf2Format } from '../../src/protocol/uf2/format.ts';
import { run, temporaryFile } from '../cli/harness.ts';
import { toy } from '../families/toy.ts';
import { createToyWorld } from '../families/toy-device.ts';
import { BROKEN_HEX, WHOLE_HEX } from './broken-hex.ts';
import { BROKEN_UF2, WHOLE_UF2 } from './broken-uf2.ts';

/** It would take all of these files, also as a raw binary, if they were whole. */
const taker = { ...toy, images: [uf2Format, hexFormat, rawFormat] };

test.each([
  ['a.uf2', WHOLE_UF2],
  ['a.hex', WHOLE_HEX],
])('whole: %s is taken', async (name, bytes) => {
  expect(await checkImage(memoryPayload(name, bytes), [taker])).toMatchObject({ signature: 'none' });
});

describe('broken: before anything is written, the block or line is named', () => {
  test.each([...BROKEN_UF2, ...BROKEN_HEX])('$name with $what', async ({ name, bytes, code, place }) => {
    const { environment, files, records } = createToyWorld();
    const before = new Map(files);
    const argv = ['update', temporaryFile(name, bytes), '--json', '--yes'];
    const { status, result, events } = await run(argv, { environment, families: [taker] });
    expect({ status, ...result }).toMatchObject({ status: 5, code, message: expect.stringMatching(place) });
    expect(events.some(({ event }) => event === 'phase')).toBe(false);
    expect(files).toEqual(before);
    expect(records.size).toBe(0);
  });
});
