import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryPayload } from '../../src/image/payload.ts';
import { fixture, signedRecipe } from './fixtures.ts';
import { checkImage, createImage } from './images.ts';

const TOOL = 'dfu-suffix';
const installed = spawnSync(TOOL, ['--version']).status === 0;

// Without dfu-util the fixtures that it made stand in for it.
describe.runIf(installed)("with dfu-util's dfu-suffix, where it is installed", () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spacepack-suffix-'));
    path = join(folder, 'firmware.dfu');
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function dfuSuffix(...options: readonly string[]): { readonly status: number | null; readonly stdout: string } {
    return spawnSync(TOOL, [...options, path], { encoding: 'utf8' });
  }

  test('it finds the ids in our image', async () => {
    await writeFile(path, createImage({ ...signedRecipe, hardware: 0x0203 }));
    const { status, stdout } = dfuSuffix('--check');
    expect(status).toBe(0);
    expect(stdout).toMatch(/BCD device:\s+0x0203/);
    expect(stdout).toMatch(/Product ID:\s+0x1111/);
    expect(stdout).toMatch(/Vendor ID:\s+0x19E7/);
  });

  test('it refuses our image with one bit changed, as we do', async () => {
    const changed = createImage(signedRecipe).map((byte, at) => (at === 700 ? byte ^ 1 : byte));
    await writeFile(path, changed);
    expect(dfuSuffix('--check').status).not.toBe(0);
    await expect(checkImage(memoryPayload(path, changed))).rejects.toMatchObject({ code: 'image-suffix' });
  });

  test('it takes our suffix away and leaves the image', async () => {
    await writeFile(path, createImage(signedRecipe));
    expect(dfuSuffix('--delete').status).toBe(0);
    expect(new Uint8Array(await readFile(path))).toEqual(fixture('signed.bin'));
  });

  test('it adds the suffix that we add', async () => {
    const image = createImage({ ...signedRecipe, vendorId: 0x1209, productId: 0xabcd, hardware: 0x0999 });
    await writeFile(path, image.subarray(0, -16));
    expect(dfuSuffix('--vid', '1209', '--pid', 'abcd', '--did', '0999', '--add').status).toBe(0);
    expect(new Uint8Array(await readFile(path))).toEqual(image);
  });
});
