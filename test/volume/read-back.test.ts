import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/computer/clock.ts';
import { digestFile } from '../../src/volume/read-back.ts';
import { temporaryFolder } from './a-volume.ts';

/** A file that refuses O_DIRECT and gives less than the size that it claims, where the kernel has such; else a usual one. */
async function reluctantFile(): Promise<string> {
  if (process.platform === 'linux') return '/sys/kernel/fscaps';
  const path = join(await temporaryFolder(), 'file');
  writeFileSync(path, '1\n');
  return path;
}

describe('the digest of a file', () => {
  test('that refuses reads past the cache is taken all the same, and not called direct', async () => {
    const path = await reluctantFile();
    const content = readFileSync(path);
    const { kind, sha256, sizeBytes } = await digestFile(path, (call) => call(), systemClock);
    expect(['uncached', 'cached']).toContain(kind);
    expect(sizeBytes).toBe(content.length);
    expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
  });
});
