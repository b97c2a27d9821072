// What the login item costs: one run with a device present and a channel that says nothing new, against an empty Node.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPayload, createFolderWorld } from '../dist/test/fake-volume/index.js';
import { inTurn, median, show } from './measure.mjs';

const main = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
const usage = new URL('./usage.mjs', import.meta.url).href;
const RUNS = 15;

const place = mkdtempSync(join(tmpdir(), 'spacepack-bench-agent-'));
const [site, keys, bus] = ['site', 'keys', 'bus'].map((name) => join(place, name));
const usageFile = join(place, 'usage');
const env = {
  ...process.env,
  SPACEPACK_STATE_DIR: join(place, 'state'),
  SPACEPACK_CONFIG_DIR: join(place, 'config'),
  SPACEPACK_CACHE_DIR: join(place, 'cache'),
  SPACEPACK_LOG_DIR: join(place, 'logs'),
  SPACEPACK_CHANNEL_PASSPHRASE: 'for this bench alone',
};

/** Runs node to its end; what it and its supervisor used. Not `spawnSync`, for the server lives in this very process. */
function used(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', usage, ...args], {
      env: { ...env, BENCH_USAGE: usageFile },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    rmSync(usageFile, { force: true });
    const said = ['', '', ''];
    for (const fd of [1, 2]) child.stdio[fd].on('data', (chunk) => (said[fd] += chunk));
    child.on('close', (status) => {
      if (status !== 0) return reject(new Error(`${args.join(' ')} exited with ${status}: ${said[1]}${said[2]}`));
      const each = readFileSync(usageFile, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const sum = (name) => each.reduce((total, used) => total + used[name], 0);
      resolve({ cpuMs: sum('cpuMs'), memoryMb: sum('memoryMb') });
    });
  });
}

async function publish() {
  await used(main, 'channel', 'init', site, '--keys', keys);
  writeFileSync(join(place, 'firmware.dfu'), buildPayload({ version: { major: 1, minor: 0 } }));
  await used(main, 'channel', 'add', site, join(place, 'firmware.dfu'), '--keys', keys);
}

let requests = 0;
const server = createServer((request, response) => {
  requests += 1;
  const path = join(site, new URL(request.url, 'http://localhost').pathname);
  if (!path.startsWith(site) || !existsSync(path)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/json' }).end(readFileSync(path));
});

const world = createFolderWorld({ root: bus });
try {
  await publish();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  // The device starts and attaches within a second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  mkdirSync(env.SPACEPACK_CONFIG_DIR, { recursive: true });
  writeFileSync(join(env.SPACEPACK_CONFIG_DIR, 'settings.toml'), `[agent]\nchannel = "${url}"\n`);
  const { openChannel } = await import('../dist/src/channel/client.js');
  const { channelFolder } = await import('../dist/src/agent/agent-computer.js');
  const directory = await channelFolder({ stateDirectory: async () => env.SPACEPACK_STATE_DIR }, url);
  const root = readFileSync(join(site, 'metadata', '1.root.json'));
  await (await openChannel({ url, directory, cache: env.SPACEPACK_CACHE_DIR, root })).check();

  const memory = [];
  const counts = [];
  const run = async () => {
    const before = requests;
    const { cpuMs, memoryMb } = await used(main, 'agent', 'run', '--once', '--quiet', '--root', bus);
    memory.push(memoryMb);
    counts.push(requests - before);
    return cpuMs;
  };
  const [empty, agent] = await inTurn(RUNS, [async () => (await used('-e', '0')).cpuMs, run]);
  show({
    name: '`spacepack agent run` − `node -e 0`, CPU, device present, nothing new',
    measured: `${(agent - empty).toFixed(0)} ms`,
    bound: 'at most 250 ms',
    keeps: agent - empty <= 250,
    detail: `medians of ${RUNS}: ${agent.toFixed(0)} ms, ${empty.toFixed(0)} ms`,
  });
  show({
    name: 'requests of such a run',
    measured: String(Math.max(...counts)),
    bound: 'one',
    keeps: counts.every((count) => count === 1),
    detail: `most of ${counts.length}`,
  });
  show({
    name: 'memory of such a run and its supervisor',
    measured: `${median(memory).toFixed(0)} MB`,
    bound: 'at most 135 MB',
    keeps: median(memory) <= 135,
    detail: 'resident, at its most, median',
  });
} finally {
  world.dispose();
  server.close();
  rmSync(place, { recursive: true, force: true });
}
