import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AgentComputer } from '../../src/agent/agent-computer.ts';
import { carriedVariables } from '../../src/agent/carried-variables.ts';
import type { TimedEvent } from '../../src/cli/talk/events.ts';
import { type Ran, run, type Situation, temporaryFile, temporaryFolder } from '../cli/harness.ts';
import { buildPayload, createMemoryWorld } from '../fake-volume/index.ts';
import { aComputer, obeyed, ran } from './a-computer.ts';
import { aMac } from './darwin/a-mac.ts';

let place: string;
let settings: string;
let machine: AgentComputer;

beforeEach(() => {
  place = temporaryFolder();
  settings = join(place, 'config', 'settings.toml');
  machine = aComputer({ home: place, run: async (program, args) => (program === 'systemctl' ? obeyed(args) : ran(1)) });
});

function type(argv: readonly string[], situation: Situation = {}): Promise<Ran> {
  const variables = { SPACEPACK_CONFIG_DIR: join(place, 'config'), ...situation.variables };
  return run([...argv, '--json'], { machine, ...situation, variables });
}

function write(text: string): void {
  mkdirSync(join(place, 'config'), { recursive: true });
  writeFileSync(settings, text, { mode: 0o600 });
}

const of = (events: readonly TimedEvent[], name: TimedEvent['event']): readonly TimedEvent[] =>
  events.filter(({ event }) => event === name);

describe('agent config', () => {
  test('shows the defaults, and makes nothing', async () => {
    const { status, events } = await type(['agent', 'config']);
    expect(status).toBe(0);
    expect(of(events, 'setting')).toMatchObject([
      { key: 'channel', value: '' },
      { key: 'policy', value: 'notify' },
      { key: 'quiet-hours', value: '' },
      { key: 'least-battery', value: '0' },
      { key: 'interval', value: '24' },
    ]);
    expect(existsSync(settings)).toBe(false);
  });

  test('makes a file that explains itself, for its owner alone', async () => {
    expect(await type(['agent', 'config', 'policy', 'ask'])).toMatchObject({ status: 0 });
    const text = readFileSync(settings, 'utf8');
    expect(text).toContain('# policy = "notify"\npolicy = "ask"\n');
    if (process.platform !== 'win32') expect(statSync(settings).mode & 0o777).toBe(0o600);
    expect(await type(['agent', 'config', 'policy'])).toMatchObject({ result: { message: 'ask' } });
  });

  test.each([
    'https://me:secret@example.com/',
    'https://me:secret@example.com:99999/',
    'https://a.example/?key=secret',
  ])(
    'takes no address with a credential in it, which would stand in files, and does not repeat it: %s',
    async (address) => {
      const { result, stdout, stderr } = await type(['agent', 'config', 'channel', address]);
      expect(result).toMatchObject({ code: 'usage', message: expect.stringContaining('example') });
      expect(existsSync(settings)).toBe(false);
      write(`[agent]\nchannel = "${address}"\n`);
      const later = await type(['agent', 'config']);
      expect(later.result).toMatchObject({ code: 'usage', message: expect.stringContaining('example') });
      expect(stdout + stderr + later.stdout + later.stderr).not.toContain('secret');
    },
  );

  test('keeps what a person wrote', async () => {
    write('# my own words\ntimeout = 7\n\n[agent] # here\npolicy = "auto" # brave\n');
    expect(await type(['agent', 'config', 'policy', 'notify'])).toMatchObject({ status: 0 });
    expect(await type(['agent', 'config', 'interval', '6'])).toMatchObject({ status: 0 });
    expect(readFileSync(settings, 'utf8')).toBe(
      '# my own words\ntimeout = 7\n\n[agent] # here\ninterval = 6\npolicy = "notify" # brave\n',
    );
  });

  test.each([
    ['policy', 'sometimes'],
    ['quiet-hours', '22-7'],
    ['least-battery', '101'],
    ['least-battery', '1e1'],
    ['interval', '0'],
    ['channel', 'ftp://x'],
    ['channel', 'updates'],
    ['colour', 'red'],
  ])('refuses %s %s, and changes nothing', async (key, value) => {
    write('[agent]\n');
    expect(await type(['agent', 'config', key, value])).toMatchObject({ status: 2, result: { code: 'usage' } });
    expect(readFileSync(settings, 'utf8')).toBe('[agent]\n');
  });

  test('leaves a layout that it does not understand to a person', async () => {
    write('agent = { policy = "ask" }\n');
    expect(await type(['agent', 'config', 'policy', 'auto'])).toMatchObject({ status: 2 });
    expect(readFileSync(settings, 'utf8')).toBe('agent = { policy = "ask" }\n');
  });

  test.each([
    ['[agent]\n# x\npolicy = "never"\n', 3],
    ['timeout = 5\n[agent]\ncolour = 1\n', 3],
    ['\n[agent]\ninterval = "6"\n', 3],
    ['\nagent = 5\n', 2],
  ])('names the line of what is wrong in %j', async (text, line) => {
    write(text);
    const { result } = await type(['agent', 'config']);
    expect(result).toMatchObject({ code: 'usage', message: expect.stringContaining(`settings.toml:${line}: `) });
  });
});

describe('agent run', () => {
  const environment = () => createMemoryWorld({ devices: [] }).environment;

  test('without a channel says how to choose one', async () => {
    const { status, result } = await type(['agent', 'run', '--once'], { environment: environment() });
    expect({ status, remedy: result?.remedy }).toMatchObject({
      status: 2,
      remedy: expect.stringContaining('agent install'),
    });
  });

  test('without a device asks nobody anything, and is remembered', async () => {
    write('[agent]\nchannel = "https://nowhere.invalid/"\n');
    expect(await type(['agent', 'run', '--once'], { environment: environment() })).toMatchObject({ status: 0 });
    const { events } = await type(['agent', 'status']);
    expect(of(events, 'agent')).toMatchObject([{ installed: false, lastRun: { code: 'answered', devices: [] } }]);
    expect(await type(['agent', 'logs'])).toMatchObject({ stdout: expect.stringContaining('No device is plugged in') });
  });

  test('whose channel was never trusted fails by name, and is remembered so', async () => {
    write('[agent]\nchannel = "https://nowhere.invalid/"\n');
    const world = createMemoryWorld({ devices: [{}] });
    const { status, result } = await type(['agent', 'run', '--once'], world);
    expect(status).not.toBe(0);
    const { events } = await type(['agent', 'status']);
    expect(of(events, 'agent')).toMatchObject([{ lastRun: { code: result?.code } }]);
  });

  test.skipIf(process.platform === 'win32').each([
    ['the file', 'settings.toml', 0o666],
    ['the file, not even their group,', 'settings.toml', 0o620],
    ['its folder', '.', 0o777],
  ])('with the policy auto demands that nobody else can write %s', async (_, name, mode) => {
    write('[agent]\nchannel = "https://nowhere.invalid/"\npolicy = "auto"\n');
    chmodSync(join(place, 'config', name), mode);
    const { status, result } = await type(['agent', 'run', '--once'], { environment: environment() });
    expect({ status, result }).toMatchObject({
      status: 6,
      result: { code: 'not-ready', remedy: expect.stringContaining('chmod go-w') },
    });
    write('');
    chmodSync(join(place, 'config', name), mode);
    writeFileSync(settings, '[agent]\nchannel = "https://nowhere.invalid/"\npolicy = "notify"\n');
    expect(await type(['agent', 'run', '--once'], { environment: environment() })).toMatchObject({ status: 0 });
  });
});

describe('agent install --by-hand', () => {
  test('trusts the channel and keeps the settings where no system can start a run', async () => {
    const site = join(place, 'site');
    const variables = { SPACEPACK_CHANNEL_PASSPHRASE: 'correct-horse-battery' };
    await type(['channel', 'init', site, '--keys', join(place, 'keys')], { variables });
    const bare = aComputer({ home: place, run: async () => ran(1) });
    const url = pathToFileURL(`${site}/`).href;
    const argv = ['agent', 'install', '--channel', url, '--trust', join(site, 'metadata', '1.root.json')];
    expect(await type(argv, { machine: bare })).toMatchObject({ status: 6, result: { code: 'not-ready' } });
    expect(await type([...argv, '--by-hand'], { machine: bare })).toMatchObject({ status: 0 });
    expect(readFileSync(settings, 'utf8')).toContain(url);
    const environment = createMemoryWorld({ devices: [{}] }).environment;
    expect(await type(['agent', 'run', '--once'], { machine: bare, environment })).toMatchObject({ status: 0 });
  });
});

describe('the address at agent install', () => {
  const rootOf = async (): Promise<string> => {
    const site = join(place, 'site');
    const variables = { SPACEPACK_CHANNEL_PASSPHRASE: 'correct-horse-battery' };
    await type(['channel', 'init', site, '--keys', join(place, 'keys')], { variables });
    return join(site, 'metadata', '1.root.json');
  };
  const WRONG = {
    'a folder that is not there': () => pathToFileURL(`${place}/nowhere/`).href,
    'a closed port': () => 'http://127.0.0.1:1/',
    'no such host': () => 'http://updates.invalid/',
  };

  test.each(Object.entries(WRONG))('%s: nothing is installed', async (_, url) => {
    const argv = ['agent', 'install', '--by-hand', '--channel', url(), '--trust', await rootOf()];
    expect(await type(argv)).toMatchObject({
      status: 6,
      result: { code: 'channel-unreachable', remedy: expect.stringContaining('--offline') },
    });
    expect(existsSync(settings)).toBe(false);
  });

  test('stays unproven with --offline, which is said', async () => {
    const argv = ['agent', 'install', '--by-hand', '--offline', '--channel', 'http://127.0.0.1:1/'];
    const { status, result, events } = await type([...argv, '--trust', await rootOf()]);
    expect({ status, message: result?.message }).toEqual({ status: 0, message: expect.stringContaining('not asked') });
    expect(of(events, 'channel')).toEqual([]);
    expect(readFileSync(settings, 'utf8')).toContain('http://127.0.0.1:1/');
  });
});

describe('agent install --dry-run', () => {
  const argv = ['agent', 'install', '--channel', 'https://u.example/c', '--policy', 'ask', '--dry-run'];

  test('shows every file with its content and every command, and changes nothing', async () => {
    const { status, events } = await type(argv);
    expect(status).toBe(0);
    const steps = of(events, 'step') as readonly Extract<TimedEvent, { event: 'step' }>[];
    expect(steps.map(({ step }) => step)).toEqual(['write', 'folder', 'write', 'write', 'run', 'run']);
    expect(steps.every(({ done }) => !done)).toBe(true);
    expect(steps[0]).toMatchObject({
      path: settings,
      content: expect.stringContaining('channel = "https://u.example/c"'),
    });
    expect(readdirSync(place)).toEqual([]);
  });

  test('on a Mac shows the probe too', async () => {
    const { machine: mac, launchd } = aMac();
    const { events } = await type(argv, { machine: mac, platform: 'darwin' });
    const commands = of(events, 'step').flatMap((event) => ('command' in event ? [event.command?.join(' ')] : []));
    expect(commands.filter(Boolean)).toEqual([
      'launchctl enable gui/501/io.github.spacepack.agent',
      expect.stringMatching(/^launchctl bootstrap gui\/501 .*agent\.plist$/),
      expect.stringMatching(/^launchctl bootstrap gui\/501 .*probe\.plist$/),
      'launchctl bootout gui/501/io.github.spacepack.probe',
    ]);
    expect(launchd.asked.every((each) => each.startsWith('print'))).toBe(true);
  });

  test('never shows a password of a proxy', async () => {
    const variables = { HTTPS_PROXY: 'http://me:hunter2@proxy:8080' };
    expect(carriedVariables(variables).withheld).toEqual(['HTTPS_PROXY']);
    const { stdout, stderr } = await type(argv, { machine: aComputer({ ...machine, variables }) });
    expect(stdout + stderr).not.toContain('hunter2');
    expect(stdout).toContain('HTTPS_PROXY is not passed');
  });

  test('needs a channel', async () => {
    expect(await type(['agent', 'install', '--dry-run'])).toMatchObject({ status: 2, result: { code: 'usage' } });
  });

  test('on a system that nobody knows, says what to do instead', async () => {
    const { result } = await type(argv, { machine: aComputer({ platform: 'sunos' }) });
    expect(result).toMatchObject({ code: 'not-ready', remedy: expect.stringContaining('agent run --once') });
  });
});

describe('what was tried', () => {
  const journal = (...lines: readonly object[]): void => {
    mkdirSync(join(place, 'state', 'agent'), { recursive: true });
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    writeFileSync(join(place, 'state', 'agent', 'journal.ndjson'), text);
  };
  const began = {
    event: 'began',
    by: 'agent',
    at: '2026-01-01T10:00:00.000Z',
    device: 'SP1',
    release: 'a',
    from: '1.0.0+0',
    to: '1.1.0+0',
  };

  test('and cut off is not hidden, and not called a failure', async () => {
    journal(began);
    const { events } = await type(['history']);
    expect(of(events, 'attempt')).toMatchObject([{ device: 'SP1', verdict: null, code: null }]);
  });

  test('is shown as the last ten by status, and whole by history', async () => {
    const ended = { ...began, event: 'ended', verdict: 'applied', code: 'applied', message: 'Runs.', elapsedMs: 9 };
    journal(...Array.from({ length: 12 }, () => [began, ended]).flat());
    expect(of((await type(['agent', 'status'])).events, 'attempt')).toHaveLength(10);
    expect(of((await type(['history'])).events, 'attempt')).toHaveLength(12);
  });
});

describe('an update by hand', () => {
  const image = temporaryFile('firmware.dfu', buildPayload());

  test('is in the history too', async () => {
    expect(await type(['update', image], createMemoryWorld({ devices: [{}] }))).toMatchObject({ status: 0 });
    const { events } = await type(['history']);
    expect(of(events, 'attempt')).toMatchObject([
      { device: 'SP00000001', by: 'person', code: 'applied', release: null },
    ]);
  });

  test('ends as it ended, though the history cannot be kept', async () => {
    const broken = aComputer({ stateDirectory: () => Promise.reject(new Error('no disk')) });
    const { status, events } = await type(['update', image], {
      environment: createMemoryWorld({ devices: [{}] }).environment,
      machine: broken,
    });
    expect(status).toBe(0);
    expect(of(events, 'notice')).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('no disk') }),
    );
  });

  test('that was only rehearsed is none', async () => {
    await type(['update', image, '--dry-run'], createMemoryWorld({ devices: [{}] }));
    expect(of((await type(['history'])).events, 'attempt')).toEqual([]);
  });
});

test('doctor tells of the login item, and nothing about it stops an update by hand', async () => {
  const { events } = await type(['doctor'], { environment: createMemoryWorld({ devices: [{}] }).environment });
  expect(of(events, 'finding')).toContainEqual(expect.objectContaining({ topic: 'login-item', state: 'note' }));
});

describe('agent probe', () => {
  test.each([
    ['a device that can be read', {}, 'granted'],
    ['none', null, 'no-device'],
    ['a device without a card', { card: null }, 'unclear'],
  ])('with %s', async (_, device, access) => {
    const world = createMemoryWorld({ devices: device === null ? [] : [device] });
    const file = join(place, 'finding.json');
    const { status, events } = await type(['agent', 'probe', '--write', file], world);
    expect(status).toBe(0);
    expect(of(events, 'access')).toMatchObject([{ access }]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ access });
  });
});
