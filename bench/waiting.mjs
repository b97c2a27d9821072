// What waiting costs: from the return of a device to the verdict, and sixteen devices against one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { choose, createEnvironment, find, openImage, sideBySide, update } from '../dist/src/index.js';
import { buildPayload } from '../dist/test/fake-volume/index.js';
import { median, show } from './measure.mjs';

const RUNS = 15;
const program = fileURLToPath(new URL('devices.mjs', import.meta.url));

async function withDevices(count, use) {
  const folder = await mkdtemp(join(tmpdir(), 'spacepack-bench-'));
  const root = join(folder, 'volumes');
  const child = spawn(process.execPath, [program, root, String(count)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const appeared = [];
  createInterface({ input: child.stdout }).on('line', (line) => appeared.push(JSON.parse(line)));
  try {
    while (appeared.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
    return await use({
      folder,
      environment: createEnvironment({ root, stateDirectory: join(folder, 'state') }),
      appeared,
    });
  } finally {
    child.stdin.end();
    await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

async function imageIn(folder, major) {
  const path = join(folder, `${major}.dfu`);
  await writeFile(path, buildPayload({ version: { major } }));
  return openImage(path);
}

async function updateAll(environment, image) {
  const targets = choose(await find(environment), { all: true });
  for await (const told of sideBySide(targets.map((target) => update(environment, target, image)))) {
    if ('outcome' in told && told.outcome.code !== 'applied')
      throw new Error(`${told.outcome.code}: ${told.outcome.message}`);
  }
}

const waits = await withDevices(1, async ({ folder, environment, appeared }) => {
  const found = [];
  for (let run = 0; run < RUNS; run++) {
    const image = await imageIn(folder, 2 + run);
    await updateAll(environment, image);
    found.push(Date.now() - appeared.at(-1).at);
  }
  await environment.volumes.dispose();
  return found;
});
show({
  name: 'from the return of the device to the verdict',
  measured: `${median(waits)} ms`,
  bound: 'at most 100 ms in the median',
  keeps: median(waits) <= 100,
  detail: `${RUNS} updates, from ${Math.min(...waits)} to ${Math.max(...waits)} ms`,
});

const timesOf = (count) =>
  withDevices(count, async ({ folder, environment }) => {
    const times = [];
    for (let run = 0; run < 5; run++) {
      const image = await imageIn(folder, 2 + run);
      const start = performance.now();
      await updateAll(environment, image);
      times.push(performance.now() - start);
    }
    await environment.volumes.dispose();
    return median(times);
  });
const [one, sixteen] = [await timesOf(1), await timesOf(16)];
show({
  name: 'sixteen devices side by side ÷ one',
  measured: (sixteen / one).toFixed(2),
  bound: 'at most 1.30',
  keeps: sixteen / one <= 1.3,
  detail: `medians of 5: ${sixteen.toFixed(0)} ms, ${one.toFixed(0)} ms`,
});
