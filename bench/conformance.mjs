#!/usr/bin/env node
// This client as TUF's conformance tests (theupdateframework/tuf-conformance) start it: CLIENT-CLI.md there says how.
// It is the client of channels itself, but it looks for a newer root in each check instead of once a day, and it leaves
// delegated lists alone until a target is asked for by name, which is the library's lookup.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { Updater } from 'tuf-js';
import { PACE } from '../dist/src/channel/bounded-body.js';
import { check } from '../dist/src/channel/check.js';
import { createTargetFetcher } from '../dist/src/channel/download.js';
import { createMetadataFetcher } from '../dist/src/channel/fetcher.js';
import { createHttpTransport } from '../dist/src/channel/http-transport.js';
import { openPinned } from '../dist/src/channel/pin.js';
import { FAMILIES } from '../dist/src/protocol/families.js';

const say = (message) => void process.stderr.write(`${message}\n`);
const text = { type: 'string' };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'metadata-url': text,
    'metadata-dir': text,
    'target-name': { ...text, multiple: true },
    'target-dir': text,
    'target-base-url': text,
  },
});
const [command, trusted] = positionals;
const shown = values['metadata-dir'];
const directory = join(dirname(shown), 'spacepack');
const ROLES = ['root', 'timestamp', 'snapshot', 'targets'];
const versionOf = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).signed.version : 0);

/** What the client trusts is where the tests look for it; they may change it there. */
function show() {
  for (const role of ROLES) {
    const [whole, ahead] = [join(directory, `${role}.json`), join(directory, 'ahead', `${role}.json`)];
    const newest = versionOf(ahead) > versionOf(whole) ? ahead : whole;
    if (existsSync(newest)) copyFileSync(newest, join(shown, `${role}.json`));
  }
}

function takeChanges() {
  for (const role of ROLES) {
    const [theirs, ours] = [join(shown, `${role}.json`), join(directory, `${role}.json`)];
    if (!existsSync(theirs)) rmSync(ours, { force: true });
    else if (versionOf(theirs) < versionOf(ours) || role === 'root') copyFileSync(theirs, ours);
  }
}

const bare = (url = '') => url.replace(/\/$/, '');
const places = { metadata: bare(values['metadata-url']), targets: bare(values['target-base-url']) };
const openTransport = () => createHttpTransport({ variables: {}, ca: undefined, headMs: PACE.windowMs });

async function refresh() {
  takeChanges();
  const world = {
    families: FAMILIES,
    places,
    directory,
    cache: directory,
    date: () => new Date(),
    notice: say,
    pace: PACE,
    checkMs: 60_000,
    rootEveryMs: 0,
    delegated: false,
    async withTransport(work) {
      const transport = await openTransport();
      try {
        return await work(transport);
      } finally {
        await transport.close();
      }
    },
  };
  try {
    const { freshness } = await check(world, undefined);
    if (freshness === 'offline') throw new Error('offline');
  } finally {
    show();
  }
}

async function download() {
  await refresh();
  const transport = await openTransport();
  const targetDir = values['target-dir'];
  const updater = new Updater({
    metadataDir: shown,
    metadataBaseUrl: places.metadata,
    targetDir,
    targetBaseUrl: places.targets,
    forceCache: true,
    fetcher: {
      ...createMetadataFetcher({ transport }),
      downloadFile: createTargetFetcher({ transport, partPath: join(directory, 'part') }).downloadFile,
    },
  });
  await updater.refresh();
  for (const name of values['target-name']) {
    const target = await updater.getTargetInfo(name);
    if (target === undefined) throw new Error(`${name} is not there`);
    if ((await updater.findCachedTarget(target)) === undefined) await updater.downloadTarget(target);
  }
  await transport.close();
}

try {
  if (command === 'init') {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await openPinned(directory, readFileSync(trusted));
    show();
  } else if (command === 'refresh') await refresh();
  else await download();
} catch (thrown) {
  say(inspect(thrown));
  process.exitCode = 1;
}
