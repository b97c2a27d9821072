import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { standIns } from '../stand-ins.ts';
import { type Household, homeVariables, PAYLOAD } from './bench.ts';
import { runProgram } from './program.ts';
import { TIMEOUT_S } from './runs.ts';

export interface ChannelSite {
  /** A user whose login item is installed and follows the site. */
  readonly household: Household;
  close(): void;
}

/** The site is met by way of a proxy, so that its address, which files are named by, is the same each time. */
const ADDRESS = 'http://channel.test';

/** A channel with one release, served from this process. */
export async function openChannelSite(): Promise<ChannelSite> {
  const folder = mkdtempSync(join(tmpdir(), 'spacepack-faults-site-'));
  const [home, site, keys, bin] = [
    join(folder, 'home'),
    join(folder, 'site'),
    join(folder, 'keys'),
    join(folder, 'bin'),
  ];
  const server = createServer((request, response) => {
    const path = join(site, new URL(request.url ?? '/', 'http://localhost').pathname);
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const variables = { http_proxy: `http://127.0.0.1:${port}` };

  mkdirSync(home);
  mkdirSync(bin);
  // Nothing of the computer that runs the tests is to know of this login item.
  writeFileSync(
    join(bin, 'systemctl'),
    '#!/bin/sh\ncase $2 in show) echo Version=252 ;; is-active) echo active ;; esac\n',
    { mode: 0o755 },
  );
  writeFileSync(join(folder, 'firmware.dfu'), PAYLOAD);
  const env = {
    ...homeVariables(home),
    ...variables,
    ...standIns(bin),
    SPACEPACK_CHANNEL_PASSPHRASE: 'correct horse battery staple',
  };
  const trust = join(site, 'metadata', '1.root.json');
  for (const argv of [
    ['channel', 'init', site, '--keys', keys],
    ['channel', 'add', site, join(folder, 'firmware.dfu'), '--keys', keys],
    ['agent', 'install', '--channel', ADDRESS, '--trust', trust, '--policy', 'auto'],
  ]) {
    const { status, stderr } = await runProgram(argv, env, 60_000);
    if (status !== 0) throw new Error(`spacepack ${argv.join(' ')}: ${stderr}`);
  }
  const settings = join(home, 'config', 'settings.toml');
  writeFileSync(settings, `timeout = ${TIMEOUT_S}\n${readFileSync(settings, 'utf8')}`);
  return {
    household: { home, variables },
    close() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
