import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { TimedEvent } from '../../src/cli/talk/events.ts';
import { type Ran, run, temporaryFile, temporaryFolder } from '../cli/harness.ts';
import { buildPayload, createMemoryWorld, type MemoryWorld } from '../fake-volume/index.ts';
import { aComputer, obeyed, ran } from './a-computer.ts';

/**
 * From nothing to an update by itself, by the commands that a maker and a user type: a channel of static files, a device in memory,
 * and a computer on which only notifications can be shown.
 */
const place = temporaryFolder();
const site = join(place, 'site');
const keys = join(place, 'keys');
const secret = 'correct horse battery staple';
const notices: string[] = [];
const commands: string[] = [];

const machine = aComputer({
  home: place,
  run: async (program, args) => {
    commands.push([program, ...args].join(' '));
    if (program === 'notify-send') notices.push(args.slice(-2).join(': '));
    if (program === 'systemctl') return obeyed(args);
    return ran(program === 'notify-send' ? 0 : 1);
  },
});
const variables = { SPACEPACK_CONFIG_DIR: join(place, 'config'), SPACEPACK_CHANNEL_PASSPHRASE: secret };
let world: MemoryWorld;

/** Types a command, as a program that reads JSON. */
async function type(...argv: readonly string[]): Promise<Ran> {
  return run([...argv, '--json'], { machine, variables, environment: world.environment });
}
const firmware = (minor: number): string =>
  temporaryFile(`spacepack-1.${minor}.0.dfu`, buildPayload({ version: { major: 1, minor } }));
const standings = ({ events }: Ran): readonly TimedEvent[] => events.filter(({ event }) => event === 'standing');

beforeAll(() => {
  world = createMemoryWorld({ devices: [{}] });
});

test('a maker publishes, a device is plugged in, its owner is told, then it is updated by itself, then left alone', async () => {
  // The maker.
  expect(await type('channel', 'init', site, '--keys', keys)).toMatchObject({ status: 0 });
  expect(await type('channel', 'add', site, firmware(1), '--keys', keys)).toMatchObject({ status: 0 });

  // The user, once.
  const trust = join(site, 'metadata', '1.root.json');
  const url = pathToFileURL(site).href;
  const installed = await type('agent', 'install', '--channel', url, '--trust', trust);
  expect(installed).toMatchObject({ status: 0, result: { code: 'answered' } });
  expect(commands).toContain('systemctl --user enable --now spacepack-agent.timer');

  // The device is plugged in: told, once.
  const told = await type('agent', 'run', '--once');
  expect(told.status).toBe(0);
  expect(standings(told)).toMatchObject([{ standing: 'told', from: '1.0.0+0', to: '1.1.0+0' }]);
  expect(standings(await type('agent', 'run', '--once'))).toMatchObject([{ standing: 'told-before' }]);
  expect(notices).toHaveLength(1);
  expect(notices[0]).toContain('from 1.0.0+0 to 1.1.0+0');

  // From now on by itself.
  expect(await type('agent', 'config', 'policy', 'auto')).toMatchObject({ status: 0 });
  const updated = await type('agent', 'run', '--once');
  expect(updated.result).toMatchObject({ verdict: 'applied', from: '1.0.0+0', to: '1.1.0+0' });
  expect(notices).toHaveLength(2);

  // It is written down.
  const { events } = await type('agent', 'status');
  expect(events.filter(({ event }) => event === 'attempt')).toMatchObject([
    { device: 'SP00000001', by: 'agent', verdict: 'applied', to: '1.1.0+0' },
  ]);

  // A release for nobody yet.
  const added = await type('channel', 'add', site, firmware(2), '--keys', keys, '--rollout', '0');
  expect(added.status).toBe(0);
  const left = await type('agent', 'run', '--once');
  expect(left.events.find(({ event }) => event === 'channel')).toMatchObject({ freshness: 'fetched' });
  expect(standings(left)).toMatchObject([{ standing: 'current', from: '1.1.0+0', to: null }]);

  // Nothing new costs one request.
  const unchanged = await type('agent', 'run', '--once');
  expect(unchanged.events.find(({ event }) => event === 'channel')).toMatchObject({
    freshness: 'unchanged',
    requests: 1,
  });
  expect(notices).toHaveLength(2);

  // For everybody: updated again, without anybody's doing.
  expect(await type('channel', 'rollout', site, '1.2.0', '100', '--keys', keys)).toMatchObject({ status: 0 });
  expect((await type('agent', 'run', '--once')).result).toMatchObject({ verdict: 'applied', to: '1.2.0+0' });
});

test('what it all left behind holds no secret, and is its owner’s alone', async () => {
  const files = [
    'config/settings.toml',
    'logs/agent.log',
    'state/agent/journal.ndjson',
    'state/agent/last-run.json',
    '.config/systemd/user/spacepack-agent.service',
  ].map((name) => join(place, name));
  for (const file of files) {
    expect([file, readFileSync(file, 'utf8').includes(secret)]).toEqual([file, false]);
    if (process.platform !== 'win32') expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
  }
  const page = join(place, 'updates.html');
  expect(await type('history', '--html', page)).toMatchObject({ status: 0 });
  expect(readFileSync(page, 'utf8').match(/class="applied" cx/g)).toHaveLength(2);
});
