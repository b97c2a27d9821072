import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FIRST_SECTOR = 2048;

/** What `fsck.vfat -n` has to say about the volume of a card, but for its banner and its summary; empty if it finds nothing. */
export function fsckFindings(image: Buffer): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'spacepack-fsck-'));
  try {
    const path = join(folder, 'volume');
    writeFileSync(path, image.subarray(FIRST_SECTOR * 512));
    const { stdout, error } = spawnSync('fsck.vfat', ['-n', path], { encoding: 'utf8' });
    if (error !== undefined) throw error;
    return stdout.split('\n').filter((line) => line !== '' && !/^fsck\.fat |^\S+: \d+ files, /.test(line));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
