import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVICE } from '../../src/agent/linux/units.ts';
import { temporaryFolder } from '../cli/harness.ts';
import { buildPayload, createFolderWorld, type FolderWorld } from '../fake-volume/index.ts';
import { standIns } from '../stand-ins.ts';
import { buildProgram } from './built-program.ts';

/**
 * The login item as a system starts it: by the command that its own file holds, with no environment but the one that the file sets,
 * against a web server of static files and a device made of folders.
 */
let main: string;
const home = temporaryFolder();
const [site, keys, bus, bin] = ['site', 'keys', 'bus', 'bin'].map((name) => join(home, name)) as [
  string,
  string,
  string,
  string,
];
const QUICK = { quietMs: 500, durations: { attach: 50, verify: 50, erase: 50, program: 50, start: 50 } };
const passphrase = 'correct horse battery staple';

const shell = {
  ...standIns(bin),
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  SPACEPACK_STATE_DIR: join(home, 'state'),
  SPACEPACK_CONFIG_DIR: join(home, 'con fig'),
  SPACEPACK_CACHE_DIR: join(home, 'cache'),
  SPACEPACK_LOG_DIR: join(home, 'logs'),
  SPACEPACK_CHANNEL_PASSPHRASE: passphrase,
};

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

function run(env: Readonly<Record<string, string>>, command: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.on('close', (status) => resolve({ status, output }));
  });
}

const spacepack = (...args: readonly string[]): Promise<Ended> => run(shell, process.execPath, main, ...args);

/** What a unit says, read by no code of ours: the words of its command, and its environment. */
function readUnit(): { readonly command: readonly string[]; readonly env: Record<string, string> } {
  const text = readFileSync(join(home, '.config/systemd/user', SERVICE), 'utf8');
  const words = (line: string): readonly string[] => [...line.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word);
  const lines = text.split('\n');
  const command = words(lines.find((line) => line.startsWith('ExecStart=')) ?? '');
  const pairs = lines.filter((line) => line.startsWith('Environment=')).flatMap(words);
  return { command, env: Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2))) };
}

describe.skipIf(process.platform === 'win32')('the login item, as it is started', () => {
  let server: Server;
  let world: FolderWorld;
  let url: string;
  let requests = 0;

  beforeAll(async () => {
    main = buildProgram('spacepack-agent-test');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'systemctl'),
      '#!/bin/sh\ncase $2 in show) echo Version=252 ;; is-active) echo active ;; esac\n',
      { mode: 0o755 },
    );
    server = createServer((request, response) => {
      requests += 1;
      const path = join(site, new URL(request.url ?? '/', 'http://localhost').pathname);
      if (!existsSync(path)) return void response.writeHead(404).end();
      response.end(readFileSync(path));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    world = createFolderWorld({ root: bus, devices: [{ settings: QUICK }] });
  });

  afterAll(() => {
    world?.dispose();
    server?.close();
  });

  test('updates the device from a web server, and the next time asks one question', async () => {
    writeFileSync(join(home, 'firmware.dfu'), buildPayload());
    expect(await spacepack('channel', 'init', site, '--keys', keys)).toMatchObject({ status: 0 });
    expect(await spacepack('channel', 'add', site, join(home, 'firmware.dfu'), '--keys', keys)).toMatchObject({
      status: 0,
    });
    const trust = join(site, 'metadata', '1.root.json');
    const install = ['agent', 'install', '--channel', url, '--trust', trust, '--policy', 'auto'];
    expect(await spacepack(...install)).toMatchObject({ status: 0 });

    await expect.poll(() => existsSync(join(bus, 'SPACEPACK/SPACEPAK/STATUS.TXT'))).toBe(true);
    const { command, env } = readUnit();
    const [node = '', ...args] = command;
    expect(node.startsWith('/') && args[0]?.startsWith('/')).toBe(true);
    const start = (): Promise<Ended> =>
      run({ ...env, HOME: home, PATH: '/usr/bin:/bin' }, node, ...args, '--root', bus);
    expect(await start()).toMatchObject({ status: 0, output: expect.stringContaining('applied') });
    expect(readFileSync(join(bus, 'SPACEPACK/SPACEPAK/INFO.TXT'), 'utf8')).toContain('Version: 2.0.0+0');
    requests = 0;
    expect(await start()).toMatchObject({ status: 0 });
    expect(requests).toBe(1);
    const { output } = await spacepack('history', '--json');
    expect(output).toContain('"verdict":"applied"');
    expect(readFileSync(join(home, 'logs', 'agent.log'), 'utf8')).not.toContain(passphrase);
    expect(Object.keys(env)).not.toContain('SPACEPACK_CHANNEL_PASSPHRASE');
  });
});
