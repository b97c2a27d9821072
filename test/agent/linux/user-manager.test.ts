import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../cli/harness.ts';
import { buildPayload, createFolderWorld, type FolderWorld } from '../../fake-volume/index.ts';
import { buildProgram } from '../built-program.ts';
import { canRunOne, START, STOP } from './a-manager.ts';

const home = temporaryFolder();
const bus = join(home, 'bus');
const QUICK = { quietMs: 500, durations: { attach: 50, verify: 50, erase: 50, program: 50, start: 50 } };

/**
 * Types commands at a manager of its own, and prints how each ended. Instead of udev, which wants the service when a device comes
 * (SYSTEMD_USER_WANTS), the service is started by its name: that is all that udev's wish comes to.
 */
const SCRIPT = `${START}"$NODE" "$MAIN" agent install --channel "$URL" --trust "$TRUST" --policy auto --quiet
echo "installed $?"
echo "timer $(systemctl --user is-enabled spacepack-agent.timer) $(systemctl --user is-active spacepack-agent.timer)"
"$NODE" "$MAIN" agent install --json --quiet | grep -c '"event":"step"'
mkdir -p "$HOME/.config/systemd/user/spacepack-agent.service.d"
sed -n 's/^ExecStart=.*/[Service]\\nExecStart=\\n& --root "BUS"/p' "$HOME/.config/systemd/user/spacepack-agent.service" |
  sed "s#BUS#$BUS#" >"$HOME/.config/systemd/user/spacepack-agent.service.d/bus.conf"
systemctl --user daemon-reload
systemctl --user start spacepack-agent.service
echo "ran $?"
systemctl --user show --property=Result,ActiveState,MainPID spacepack-agent.service
"$NODE" "$MAIN" agent uninstall --quiet
echo "uninstalled $? $(systemctl --user is-active spacepack-agent.timer)"
${STOP}`;

describe.runIf(canRunOne)('a real manager of a user’s services', () => {
  let main: string;
  let world: FolderWorld;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    XDG_RUNTIME_DIR: '/run/user/0',
    SPACEPACK_STATE_DIR: join(home, 'state'),
    SPACEPACK_CONFIG_DIR: join(home, 'config'),
    SPACEPACK_CACHE_DIR: join(home, 'cache'),
    SPACEPACK_LOG_DIR: join(home, 'logs'),
    SPACEPACK_CHANNEL_PASSPHRASE: 'correct horse battery staple',
  };

  beforeAll(() => {
    main = buildProgram('spacepack-manager-test');
    world = createFolderWorld({ root: bus, devices: [{ settings: QUICK }] });
  });
  afterAll(() => world?.dispose());

  test('starts the login item, which updates the device and ends', async () => {
    const site = join(home, 'site');
    const keys = join(home, 'keys');
    const firmware = join(home, 'firmware.dfu');
    writeFileSync(firmware, buildPayload());
    mkdirSync(join(home, '.config'), { recursive: true });
    for (const words of [
      ['init', site, '--keys', keys],
      ['add', site, firmware, '--keys', keys],
    ]) {
      execFileSync(process.execPath, [main, 'channel', ...words], { env, stdio: 'ignore' });
    }
    const info = join(bus, 'SPACEPACK/SPACEPAK/INFO.TXT');
    await expect.poll(() => existsSync(info)).toBe(true);

    const trust = join(site, 'metadata', '1.root.json');
    const place = { NODE: process.execPath, MAIN: main, URL: pathToFileURL(site).href, TRUST: trust, BUS: bus };
    const child = spawn('unshare', ['--mount', 'sh', '-c', SCRIPT], { env: { ...env, ...place }, cwd: '/' });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
      });
    }
    await new Promise((resolve) => child.on('close', resolve));
    const lines = said.split('\n');
    expect(lines).toEqual(expect.arrayContaining(['installed 0', 'timer enabled active', '0', 'ran 0']));
    expect(lines).toEqual(expect.arrayContaining(['Result=success', 'ActiveState=inactive', 'MainPID=0']));
    expect(lines).toContain('uninstalled 0 inactive');
    expect(readFileSync(info, 'utf8')).toContain('Version: 2.0.0+0');
  });
});
