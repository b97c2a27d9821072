import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aComputer } from '../../../agent/a-computer.ts';
import { createMemoryWorld, scenarioOf } from '../../../fake-volume/index.ts';
import { run, temporaryFile, temporaryFolder } from '../../harness.ts';

const PATH = temporaryFolder();
for (const name of ['lsblk', 'udisksctl', 'umount', 'dd']) writeFileSync(join(PATH, name), '', { mode: 0o755 });

test('everything that an update depends on is looked at', async () => {
  const machine = aComputer({ uid: 1000, variables: { PATH } });
  const { status, events } = await run(['doctor', '--json'], { ...createMemoryWorld(), machine });
  expect(status).toBe(0);
  const topics = new Set(events.flatMap((event) => (event.event === 'finding' ? [event.topic] : [])));
  for (const topic of [
    'node',
    'platform',
    'tools',
    'automounter',
    'settings',
    'state',
    'records',
    'locks',
    'enumerator',
    'device',
  ]) {
    expect(topics).toContain(topic);
  }
});

test('what would stop an update decides the status', async () => {
  const { status, result } = await run(['doctor', '--json'], createMemoryWorld(scenarioOf('gpt')));
  expect({ status, code: result?.code }).toEqual({ status: 6, code: 'not-ready' });
});

test('people read what is wrong and what to do', async () => {
  const { stdout } = await run(['doctor'], createMemoryWorld(scenarioOf('gpt')));
  expect(stdout).toMatch(/broken +device .*GPT.*format the card/);
});

test('broken settings do not keep the doctor from looking at the rest', async () => {
  const variables = { SPACEPACK_CONFIG_DIR: temporaryFile('settings.toml', 'nonsense').replace('/settings.toml', '') };
  const { status, events } = await run(['doctor', '--json'], { ...createMemoryWorld(), variables });
  expect(status).toBe(6);
  expect(events).toContainEqual(expect.objectContaining({ topic: 'settings', state: 'broken' }));
  expect(events).toContainEqual(expect.objectContaining({ topic: 'device', state: 'good' }));
});
