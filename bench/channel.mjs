// What a channel with many releases costs: the maker's `add`, and what a client fetches and computes.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChannel } from '../dist/src/channel/client.js';
import { addRelease } from '../dist/src/channel/publisher/add.js';
import { editReleases } from '../dist/src/channel/publisher/edit.js';
import { initChannel } from '../dist/src/channel/publisher/init.js';
import { FAMILIES } from '../dist/src/protocol/families.js';
import { buildPayload } from '../dist/test/fake-volume/index.js';
import { median, show } from './measure.mjs';

const COUNTS = [10, 100, 1_000, 10_000];
const RUNS = 3;
const NOTES = 'Charges faster, and does so more quietly. '.repeat(5).slice(0, 200);

/** CPU time of this process for some work, in ms. */
async function cpu(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function several(work) {
  const times = [];
  for (let run = 0; run < RUNS; run += 1) times.push(await cpu(() => work(run)));
  return median(times);
}

function serve(folder) {
  let [requests, bytes] = [0, 0];
  const server = createServer(({ url }, response) => {
    requests += 1;
    try {
      const file = readFileSync(join(folder, url));
      bytes += file.length;
      response.end(file);
    } catch {
      response.writeHead(404).end();
    }
  });
  const spent = () => {
    const all = { requests, bytes };
    [requests, bytes] = [0, 0];
    return all;
  };
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ server, spent })));
}

async function measure(count) {
  const place = mkdtempSync(join(tmpdir(), 'spacepack-bench-channel-'));
  try {
    const folder = join(place, 'site');
    const passphrases = { offline: 'for this bench alone', online: 'and this one as well', rounds: 1_000 };
    const publishing = { families: FAMILIES, folder, keys: join(place, 'keys'), passphrases, now: new Date() };
    const { rootPath } = await initChannel(publishing);
    const sha256 = (minor) => createHash('sha256').update(`${minor}`).digest('hex');
    const release = (minor) => ({
      name: `spacepack-1.0.${minor}-0100.dfu`,
      product: 'spacepack',
      hardware: ['0100'],
      version: { major: 1, minor: 0, revision: minor, build: 0 },
      securityCounter: 1,
      minBatteryPercent: 0,
      notes: NOTES,
      rolloutPercent: 100,
      paused: false,
      sizeBytes: 1,
      sha256: sha256(minor),
    });
    const releases = Array.from({ length: count - 1 }, (_, index) => release(index));
    await editReleases(publishing, () => ({ releases, result: null }));
    const add = await several((run) => {
      const image = join(place, `${run}.dfu`);
      writeFileSync(image, buildPayload({ version: { major: 2, minor: run } }));
      const wishes = { minBatteryPercent: 0, notes: NOTES, rolloutPercent: 100, paused: false };
      return addRelease(publishing, { image, publicKeys: [], ...wishes });
    });
    const { server, spent } = await serve(folder);
    const url = `http://127.0.0.1:${server.address().port}/`;
    const client = (name) => {
      const directory = join(place, name, 'state');
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      return openChannel({
        url,
        families: FAMILIES,
        directory,
        cache: join(place, name),
        root: readFileSync(rootPath),
      });
    };
    const first = await several(async (run) => (await client(`client-${run}`)).check());
    const fetched = spent();
    const known = await client('client-0');
    const again = await several(() => known.check());
    const unchanged = spent();
    server.close();
    const each = (all) => `${all.requests / RUNS} requests, ${Math.round(all.bytes / RUNS)} B`;
    return { add, first, again, fetched: each(fetched), unchanged: each(unchanged), bytes: fetched.bytes / RUNS };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

await measure(2);
const baseline = await measure(1);
for (const count of COUNTS) {
  const { add, first, again, fetched, unchanged, bytes } = await measure(count);
  show({
    name: `\`channel add\` with ${count} releases ÷ with one, CPU`,
    measured: `${(add / baseline.add).toFixed(1)} (${add.toFixed(0)} ms)`,
    bound: 'at most 5 + releases ÷ 200',
    keeps: add / baseline.add <= 5 + count / 200,
    detail: `median of ${RUNS}, without the passphrases`,
  });
  show({
    name: `a client's first check with ${count} releases, CPU and body`,
    measured: `${first.toFixed(0)} ms, ${fetched}`,
    bound: 'at most 24 KB',
    keeps: bytes <= 24_000,
    detail: `nothing new: ${again.toFixed(0)} ms, ${unchanged}`,
  });
}
