// What checking a firmware file of 16 MiB costs, against an empty Node and against one that hashes the same bytes.
// node bench/image.mjs, after `npm run build`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn, show, timed } from './measure.mjs';

const RUNS = 9;
const BYTES = 16 * 1024 * 1024;
const node = process.execPath;
const check = fileURLToPath(new URL('check-image.mjs', import.meta.url));
const hash = `
  const hasher = require('node:crypto').createHash('sha256');
  require('node:fs').createReadStream(process.argv[1], { highWaterMark: 256 * 1024 })
    .on('data', (chunk) => hasher.update(chunk)).on('end', () => hasher.digest());`;

/** Blocks of 256 bytes, as microsoft/uf2 describes them. */
function uf2() {
  const count = BYTES / 512;
  const file = Buffer.alloc(BYTES);
  for (let number = 0; number < count; number++) {
    const words = [0x0a324655, 0x9e5d5157, 0x2000, 0x10000000 + 256 * number, 256, number, count, 0xe48bff56];
    for (const [index, word] of words.entries()) file.writeUInt32LE(word, 512 * number + 4 * index);
    for (let at = 32; at < 288; at++) file[512 * number + at] = number * at;
    file.writeUInt32LE(0x0ab16f30, 512 * number + 508);
  }
  return file;
}

function record(type, offset, data) {
  const bytes = Buffer.from([data.length, offset >> 8, offset & 0xff, type, ...data, 0]);
  bytes[bytes.length - 1] = -bytes.reduce((sum, byte) => sum + byte, 0);
  return `:${bytes.toString('hex').toUpperCase()}\n`;
}

/** Records of 16 bytes, 44 characters each. */
function hex() {
  const lines = [];
  for (let [address, size] = [0, 0]; size < BYTES - 64; address += 16) {
    if (address % 0x10000 === 0) lines.push(record(4, 0, [address >> 24, (address >> 16) & 0xff]));
    const data = Array.from({ length: 16 }, (_, index) => (address >> 4) * (index + 3) * 0x9e);
    lines.push(
      record(
        0,
        address & 0xffff,
        data.map((byte) => byte & 0xff),
      ),
    );
    size += 44;
  }
  return [...lines, ':00000001FF\n'].join('');
}

const folder = await mkdtemp(join(tmpdir(), 'spacepack-bench-'));
try {
  for (const [name, content] of [
    ['image.uf2', uf2()],
    ['image.hex', hex()],
    ['image.bin', Buffer.alloc(BYTES, 0x5a)],
  ]) {
    const path = join(folder, name);
    await writeFile(path, content);
    const [empty, hashed, checked] = await inTurn(RUNS, [
      () => timed(node, ['-e', '0']),
      () => timed(node, ['-e', hash, path]),
      () => timed(node, [check, path]),
    ]);
    const beyond = checked - empty;
    show({
      name: `16 MiB, ${name}: check − \`node -e 0\``,
      measured: `${beyond.toFixed(0)} ms, ${(beyond / (hashed - empty)).toFixed(1)} × SHA-256 of the same bytes`,
      bound: 'at most 150 ms',
      keeps: beyond <= 150,
      detail: `medians of ${RUNS}: ${checked.toFixed(0)}, ${empty.toFixed(0)} and ${hashed.toFixed(0)} ms`,
    });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
