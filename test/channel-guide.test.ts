import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildProgram } from './agent/built-program.ts';
import { parseEvent, temporaryFolder } from './cli/harness.ts';
import { standIns } from './stand-ins.ts';

/** Every block of the maker's guide, as it stands, run by a real shell against the command line as it is shipped. */
const guide = readFileSync(fileURLToPath(new URL('../docs/channel.md', import.meta.url)), 'utf8');

interface Block {
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = guide.split(/^## /m).flatMap((section) =>
  [...section.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    heading: section.split('\n', 1)[0] ?? '',
    language,
    text,
  })),
);
const under = (heading: string): readonly Block[] =>
  blocks.filter((block) => block.heading.startsWith(heading) && block.language === 'sh');
const [begin, ...releases] = under('From nothing');
const [rotate, rotateInTwo] = under('Rotating');
const onePlace = [begin, ...releases, ...under('On your users'), ...under('What is signed'), rotate];
const twoPlaces = [begin, ...under('Two places'), rotateInTwo];

const ADDRESS = 'https://updates.example.com/spacepack';

/** As much of rsync as the guide uses. `server:` is a folder. */
const RSYNC = `
const { cpSync, mkdirSync, readdirSync, rmSync } = require('node:fs');
const { basename, join } = require('node:path');
const given = process.argv.slice(2);
const excluded = given.flatMap((text, index) => (given[index - 1] === '--exclude' ? [text] : []));
const paths = given.filter((text, index) => !text.startsWith('-') && given[index - 1] !== '--exclude');
const placeOf = (path) => (path.startsWith('server:') ? join(process.env.SERVER, path.slice(7)) : path);
const isLeftOut = (name) => excluded.some((one) => one === name || (one.startsWith('*') && name.endsWith(one.slice(1))));
const target = placeOf(paths.pop());
for (const source of paths) {
  const to = source.endsWith('/') ? target : join(target, basename(source));
  mkdirSync(target, { recursive: true });
  cpSync(placeOf(source), to, { recursive: true, preserveTimestamps: true, filter: (path) => !isLeftOut(basename(path)) });
  if (!given.includes('--remove-source-files')) continue;
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) rmSync(join(entry.parentPath, entry.name));
  }
}`;

let main: string;
let home: string;
let server: string;

/** Runs a block, or one more command; what it printed. Fails unless it ends with 0. */
async function run(text: string, served: string): Promise<string> {
  const bin = join(home, 'bin');
  const program = (name: string, script: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'rsync.cjs'), RSYNC);
  program('rsync', `exec "${process.execPath}" "${join(bin, 'rsync.cjs')}" "$@"`);
  program('ssh', 'shift; cd "$SERVER" && exec sh -c "$*"');
  // As root no program of a user's PATH is run, so there the real systemctl would be asked.
  const byHand = process.getuid?.() === 0 ? '--by-hand' : '';
  program(
    'systemctl',
    'case $2 in show) echo Version=252 ;; enable) : >"$HOME/enabled" ;; is-*) test -f "$HOME/enabled" && echo active ;; esac',
  );
  const address = pathToFileURL(join(server, served)).href;
  program(
    'spacepack',
    `for each; do shift; test "$each" = "${ADDRESS}" && each="${address}"; set -- "$@" "$each"; done
test "$1 $2" = 'agent install' && set -- "$@" ${byHand}
exec "${process.execPath}" "${main}" "$@"`,
  );
  const cwd = text.startsWith('# on the server') ? server : home;
  const env = {
    // As root the program finds systemctl in no folder of PATH that is not the system's.
    ...standIns(bin),
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: home,
    SERVER: server,
    SPACEPACK_IMAGE_PASSPHRASE: 'six random words are good',
    SPACEPACK_CHANNEL_PASSPHRASE: 'correct horse battery staple',
    SPACEPACK_CHANNEL_ONLINE_PASSPHRASE: 'another one for the server',
    SPACEPACK_STATE_DIR: join(home, 'state'),
    SPACEPACK_CONFIG_DIR: join(home, 'config'),
    SPACEPACK_CACHE_DIR: join(home, 'cache'),
    SPACEPACK_LOG_DIR: join(home, 'logs'),
    ...standIns(bin),
  };
  const child = spawn('sh', ['-e', '-c', text], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, said] = ['', ''];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(status, `${text}\n${said}`).toBe(0);
  return stdout;
}

const playAll = async (all: readonly (Block | undefined)[], served: string): Promise<void> => {
  for (const block of all) await run(block?.text ?? 'false', served);
};

test('every block of the guide belongs to one of the two ways', () => {
  const told = blocks.filter(({ language }) => language !== 'json');
  expect(new Set([...onePlace, ...twoPlaces])).toEqual(new Set(told));
});

describe.skipIf(process.platform !== 'linux')('the guide, followed as written', () => {
  beforeAll(() => {
    main = buildProgram('spacepack-guide-test');
  });

  beforeEach(() => {
    home = temporaryFolder();
    server = temporaryFolder();
    mkdirSync(join(server, 'srv'));
    writeFileSync(join(home, 'app.bin'), 'the application');
  });

  test('with one place', async () => {
    await playAll(onePlace, 'srv/spacepack');
    expect(existsSync(join(server, 'srv/spacepack/metadata/timestamp.json'))).toBe(true);
    const said = await run('spacepack channel verify site --trust root.json --json', 'srv/spacepack');
    expect(said.split('\n').filter(Boolean).map(parseEvent)).toContainEqual(
      expect.objectContaining({ event: 'release', version: '1.2.0+0', rolloutPercent: 25, paused: false }),
    );
  });

  test('with two places: a client sees each release, the pause, and the new key', async () => {
    await playAll(twoPlaces, 'channel/site');
    expect(readdirSync(join(home, 'keys')).sort()).toEqual(['published.json', 'root', 'root.json', 'targets']);
    const said = await run(`spacepack channel verify ${ADDRESS} --trust root.json --json`, 'channel/site');
    expect(said.split('\n').filter(Boolean).map(parseEvent)).toContainEqual(
      expect.objectContaining({ event: 'release', version: '1.2.0+0', rolloutPercent: 5, paused: true }),
    );
    expect(existsSync(join(server, 'channel/site/metadata/2.root.json'))).toBe(true);
  });
});
