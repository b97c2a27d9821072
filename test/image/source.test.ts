import {
  appendFile,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PayloadSource } from '../../src/image/payload.ts';
import { openPayload } from '../../src/image/source.ts';

/** Several chunks, the last one not full. */
const bytes = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 31) >>> 3);

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spacepack-source-'));
  path = join(folder, 'firmware.dfu');
  await writeFile(path, bytes);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Compares by hand what the matchers would compare byte by byte, for seconds. */
const areTheFile = (read: Uint8Array): boolean => Buffer.compare(read, bytes) === 0;

async function readAll(payload: PayloadSource, duringFirst: () => Promise<void> = async () => {}): Promise<Uint8Array> {
  const copies: Uint8Array[] = [];
  for await (const chunk of payload.read()) {
    if (copies.length === 0) await duringFirst();
    copies.push(Uint8Array.from(chunk));
  }
  return new Uint8Array(Buffer.concat(copies));
}

describe('an image in a file', () => {
  test('is read whole, as often as wanted', async () => {
    const payload = await openPayload(path);
    expect(payload).toMatchObject({ name: path, sizeBytes: bytes.length });
    expect(areTheFile(await readAll(payload))).toBe(true);
    expect(areTheFile(await readAll(payload))).toBe(true);
  });

  test('is read by two readers at once', async () => {
    const payload = await openPayload(path);
    const both = await Promise.all([readAll(payload), readAll(payload)]);
    expect(both.map(areTheFile)).toEqual([true, true]);
  });

  test('may be empty', async () => {
    await truncate(path, 0);
    expect(await readAll(await openPayload(path))).toEqual(new Uint8Array(0));
  });

  test.skipIf(process.platform === 'win32')('may be reached by a link', async () => {
    await symlink(path, join(folder, 'link.dfu'));
    expect(areTheFile(await readAll(await openPayload(join(folder, 'link.dfu'))))).toBe(true);
  });

  test('is unreadable if there is none, or no file', async () => {
    await expect(openPayload(join(folder, 'other.dfu'))).rejects.toMatchObject({ code: 'image-unreadable' });
    await expect(openPayload(join(path, 'inside.dfu'))).rejects.toMatchObject({ code: 'image-unreadable' });
    await expect(openPayload(folder)).rejects.toMatchObject({ code: 'image-unreadable' });
    await expect(openPayload(join(folder, 'a\0b'))).rejects.toMatchObject({ code: 'image-unreadable' });
  });

  test('is unreadable if it went away before it was read', async () => {
    const payload = await openPayload(path);
    await rm(path);
    await expect(readAll(payload)).rejects.toMatchObject({ code: 'image-unreadable' });
  });
});

describe('an image that changed since it was opened', () => {
  test.each<[string, () => Promise<void>]>([
    ['longer', () => appendFile(path, 'x')],
    ['shorter', () => truncate(path, 900_000)],
    ['of another time', () => utimes(path, 1, 1)],
    [
      'another file',
      async () => {
        await writeFile(`${path}.new`, bytes.subarray(1));
        await rename(`${path}.new`, path);
      },
    ],
  ])('is refused before a byte is read: %s', async (_, change) => {
    const payload = await openPayload(path);
    await change();
    let chunks = 0;
    const reading = readAll(payload, async () => void chunks++);
    await expect(reading).rejects.toMatchObject({ code: 'image-changed' });
    expect(chunks).toBe(0);
  });

  test.each<[string, () => Promise<void>]>([
    ['longer', () => appendFile(path, 'x')],
    ['shorter', () => truncate(path, 600_000)],
    ['of another time', () => utimes(path, 1, 1)],
  ])('is refused if it happened while it was read: %s', async (_, change) => {
    const payload = await openPayload(path);
    await expect(readAll(payload, change)).rejects.toMatchObject({ code: 'image-changed' });
  });
});

describe.runIf(process.platform === 'linux')('on Linux, where open files can be counted', () => {
  async function opened(): Promise<number> {
    const names = await readdir('/proc/self/fd');
    const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
    return targets.filter((target) => target.startsWith(path)).length;
  }

  test('the file is closed when nobody wants the rest', async () => {
    for await (const _ of (await openPayload(path)).read()) {
      expect(await opened()).toBe(1);
      break;
    }
    expect(await opened()).toBe(0);
  });
});
