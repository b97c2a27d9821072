import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildProgram } from './agent/built-program.ts';
import { parseEvent, temporaryFolder } from './cli/harness.ts';
import { buildPayload, createFolderWorld, type FolderWorld } from './fake-volume/index.ts';
import { standIns } from './stand-ins.ts';

/** The examples as they stand, run by a real shell against the command line as the package ships it. */
const root = fileURLToPath(new URL('../', import.meta.url));
let main: string;
const example = (name: string): string => join(root, 'examples', name);

let home: string;
let bin: string;
let env: Record<string, string>;

/** A program of the system, as far as the examples ask it. */
function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const SYSTEMCTL = `
case $2 in
  enable) : >"$HOME/enabled" ;;
  disable) rm -f "$HOME/enabled" ;;
  is-*) test -f "$HOME/enabled" && echo active ;;
  show) echo Version=252 ;;
esac`;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

describe.skipIf(process.platform === 'win32')('examples', () => {
  beforeAll(() => {
    main = buildProgram('spacepack-examples-test');
  });

  beforeEach(() => {
    home = temporaryFolder();
    bin = join(home, 'bin');
    mkdirSync(bin);
    program('spacepack', `exec "${process.execPath}" "${main}" "$@"`);
    program('systemctl', SYSTEMCTL);
    env = {
      ...standIns(bin),
      PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: home,
      SPACEPACK: join(bin, 'spacepack'),
      SPACEPACK_CHANNEL_PASSPHRASE: 'correct horse battery staple',
      SPACEPACK_STATE_DIR: join(home, 'state'),
      SPACEPACK_CONFIG_DIR: join(home, 'config'),
      SPACEPACK_CACHE_DIR: join(home, 'cache'),
      SPACEPACK_LOG_DIR: join(home, 'logs'),
    };
  });

  describe('a build server', () => {
    const quick = { quietMs: 500, durations: { attach: 50, verify: 50, erase: 50, program: 50, start: 50 } };
    const worlds: FolderWorld[] = [];
    afterAll(() => {
      for (const world of worlds) world.dispose();
    });
    function image(): string {
      writeFileSync(join(home, 'firmware.dfu'), buildPayload());
      return join(home, 'firmware.dfu');
    }
    async function plugIn(): Promise<string> {
      const bus = join(home, 'bus');
      worlds.push(createFolderWorld({ root: bus, devices: [{ settings: quick }] }));
      await expect.poll(() => existsSync(join(bus, 'SPACEPACK/SPACEPAK/STATUS.TXT'))).toBe(true);
      return bus;
    }
    const result = (): unknown => parseEvent(readFileSync(join(home, 'spacepack-result.json'), 'utf8'));

    test('brings its device to the firmware, and leaves every event', async () => {
      const bus = await plugIn();
      expect(await run(example('build-server.sh'), image(), '--root', bus)).toMatchObject({ status: 0 });
      expect(result()).toMatchObject({ event: 'result', verdict: 'applied', to: '2.0.0+0' });
      const lines = readFileSync(join(home, 'spacepack.ndjson'), 'utf8').trimEnd().split('\n');
      expect(lines.map(parseEvent).filter(({ event }) => event === 'phase').length).toBeGreaterThan(5);
      expect(await run(example('build-server.sh'), image(), '--root', bus)).toMatchObject({ status: 0 });
      expect(result()).toMatchObject({ code: 'already-current' });
    });

    test('without a device asks to be tried later', async () => {
      mkdirSync(join(home, 'bus'));
      const ended = await run(example('build-server.sh'), image(), '--root', join(home, 'bus'));
      expect(ended).toMatchObject({ status: 75, stderr: expect.stringContaining('No device') });
      expect(result()).toMatchObject({ code: 'no-device' });
    });

    test('with an image that is none fails as spacepack does', async () => {
      writeFileSync(join(home, 'none.dfu'), 'none');
      expect(await run(example('build-server.sh'), join(home, 'none.dfu'))).toMatchObject({ status: 5 });
    });
  });

  /** A channel with one release, of the maker's own commands. */
  async function publish(): Promise<{ readonly url: string; readonly trust: string }> {
    const site = join(home, 'site');
    writeFileSync(join(home, 'firmware.dfu'), buildPayload());
    expect(await run('spacepack', 'channel', 'init', site, '--keys', join(home, 'keys'))).toMatchObject({ status: 0 });
    const added = await run(
      'spacepack',
      'channel',
      'add',
      site,
      join(home, 'firmware.dfu'),
      '--keys',
      join(home, 'keys'),
    );
    expect(added).toMatchObject({ status: 0 });
    return { url: pathToFileURL(site).href, trust: join(site, 'metadata', '1.root.json') };
  }

  describe('device management', () => {
    const mdm = (...args: readonly string[]): Promise<Ended> => run(example('mdm.sh'), ...args);

    function logIn(person: string): void {
      program('stat', `echo ${person}`);
      program('launchctl', '[ "$1" = asuser ] && shift 2 && exec "$@"');
      program('sudo', '[ "$1 $3" = "-u -H" ] && shift 3 && exec "$@"');
      program('id', 'echo 501');
    }

    test('installs it for the person at the screen, knows that it is there, and removes it', async () => {
      logIn('mary');
      const { url, trust } = await publish();
      expect(await mdm('installcheck')).toMatchObject({ status: 0 });
      expect(await mdm('report')).toMatchObject({ stdout: '<result>not installed</result>\n' });
      expect(await mdm('/', 'mac-7', 'mary', 'install', url, trust)).toMatchObject({ status: 0 });
      expect(await mdm('installcheck')).toMatchObject({ status: 1 });
      expect(await mdm('report')).toMatchObject({ stdout: '<result>active</result>\n' });
      rmSync(join(home, 'enabled'));
      expect(await mdm('report')).toMatchObject({ stdout: '<result>installed, not active</result>\n' });
      expect(await mdm('uninstall')).toMatchObject({ status: 0 });
      expect(await mdm('installcheck')).toMatchObject({ status: 0 });
    });

    test.each([['root'], ['loginwindow'], ['']])('does nothing while %j is at the screen', async (person) => {
      logIn(person);
      expect(await mdm('install', 'https://u.example', '/root.json')).toMatchObject({ status: 0, stdout: '' });
      expect(await mdm('installcheck')).toMatchObject({ status: 1 });
      expect(await mdm('report')).toMatchObject({ stdout: '<result>nobody is logged in</result>\n' });
    });

    test('tells a failure by its exit status', async () => {
      logIn('mary');
      expect(await mdm('install', 'https://u.example', '/nowhere/root.json')).toMatchObject({ status: 2 });
      expect(await mdm('dance')).toMatchObject({ status: 64 });
    });
  });

  describe('Ansible', () => {
    interface Task {
      readonly name: string;
      readonly 'ansible.builtin.command': { readonly argv: readonly string[] };
      readonly changed_when: string | false;
      readonly failed_when?: string;
    }
    const tasks: readonly Task[] = parse(readFileSync(example('ansible-task.yml'), 'utf8'));
    const [rule, install, status] = tasks;

    /** Runs the command of a task with its variables filled in, and judges it by the task's own conditions. */
    async function play(
      task: Task | undefined,
      variables: Readonly<Record<string, string>>,
    ): Promise<{ changed: boolean; failed: boolean }> {
      const [command = '', ...args] = (task?.['ansible.builtin.command'].argv ?? []).map((word) =>
        word.replace(/\{\{ (\w+) \}\}/, (_, name: string) => variables[name] ?? ''),
      );
      const { status: rc, stdout } = await run(command, ...args);
      const [, changed = null] = /^"(.*)" in \w+\.stdout$/.exec(task?.changed_when || '') ?? [];
      const [, wanted = null] = /^"(.*)" not in \w+\.stdout$/.exec(task?.failed_when ?? '') ?? [];
      const has = (text: string): boolean => stdout.includes(text.replaceAll('\\"', '"'));
      return { changed: changed !== null && has(changed), failed: rc !== 0 || (wanted !== null && !has(wanted)) };
    }

    test('has three tasks, each with a name, a list of words, and an honest "changed"', () => {
      expect(tasks).toHaveLength(3);
      for (const task of tasks) {
        expect(task.name).toMatch(/^[A-Z]/);
        expect(task['ansible.builtin.command'].argv.every((word) => typeof word === 'string')).toBe(true);
        expect(task).toHaveProperty('changed_when');
      }
      expect(rule?.['ansible.builtin.command'].argv).toContain('--system');
    });

    test('installs it once, changes nothing the second time, and sees that it stands', async () => {
      const { url, trust } = await publish();
      const variables = { spacepack_channel: url, spacepack_trust: trust, spacepack_policy: 'notify' };
      expect(await play(status, variables)).toMatchObject({ failed: true });
      expect(await play(install, variables)).toEqual({ changed: true, failed: false });
      expect(await play(install, variables)).toEqual({ changed: false, failed: false });
      expect(await play(status, variables)).toEqual({ changed: false, failed: false });
    });
  });
});
