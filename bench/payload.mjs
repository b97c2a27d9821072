// What staging costs: 64 MiB written and checked against `dd conv=fsync` and `sha256sum`; memory at 1 MiB against 256 MiB.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAMILIES } from '../dist/src/index.js';
import { inTurn, median, show, timed } from './measure.mjs';

const MIB = 1024 * 1024;
const RUNS = 9;
const stage = fileURLToPath(new URL('stage.mjs', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'spacepack-bench-'));
const root = join(folder, 'volumes');
await mkdir(join(root, 'CARD', 'SPACEPAK'), { recursive: true });

async function imageOf(mib) {
  const path = join(folder, `${mib}.dfu`);
  const version = { major: 1, minor: 0, revision: 0, build: 0 };
  const ids = { vendorId: 0x19e7, productId: 0x1111, hardware: 0xffff };
  const recipe = { application: Buffer.alloc(mib * MIB, 0x5a), version, securityCounter: 1, ...ids };
  await writeFile(
    path,
    FAMILIES[0].images[0].create(recipe, () => createHash('sha256')),
  );
  return path;
}

function staged(image) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [stage, root, image], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

try {
  const [small, usual, large] = [await imageOf(1), await imageOf(64), await imageOf(256)];
  const copy = join(folder, 'copy');
  let kind = '';
  const [own, baseline] = await inTurn(RUNS, [
    () => {
      const result = staged(usual);
      kind = result.kind;
      return result.ms;
    },
    async () => {
      await rm(copy, { force: true });
      return timed('dd', [`if=${usual}`, `of=${copy}`, 'bs=1M', 'conv=fsync']) + timed('sha256sum', [copy]);
    },
  ]);
  show({
    name: '64 MiB, speed of writing and checking ÷ speed of `dd conv=fsync` and `sha256sum`',
    measured: (baseline / own).toFixed(2),
    bound: 'at least 0.80',
    keeps: baseline / own >= 0.8,
    detail: `medians of ${RUNS}: ${own.toFixed(0)} ms, ${baseline.toFixed(0)} ms; read back ${kind}`,
  });

  const peaks = [small, large].map((image) => median(Array.from({ length: 5 }, () => staged(image).peakBytes)));
  const growth = (peaks[1] - peaks[0]) / MIB;
  show({
    name: 'peak memory, 256 MiB − 1 MiB',
    measured: `${growth.toFixed(1)} MiB`,
    bound: 'within 15 MB',
    keeps: Math.abs(growth) * MIB <= 15e6,
    detail: `medians of 5: ${peaks.map((peak) => `${(peak / MIB).toFixed(1)} MiB`).join(', ')}`,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
