import { describe, expect, test } from 'vitest';
import { FAULTS } from '../../../../src/protocol/faults.ts';
import { createMemoryWorld, scenarios } from '../../../fake-volume/index.ts';
import { run } from '../../harness.ts';

const pings = scenarios.filter(({ action }) => action === 'ping');

describe('a ping ends with the status of the table', () => {
  test.each(pings.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const { status, result } = await run(['ping', '--json'], createMemoryWorld(scenario));
    const { code } = scenario.expected;
    expect({ status, code: result?.code }).toEqual({ status: FAULTS[code as keyof typeof FAULTS].exit, code });
  });
});

test('all devices are pinged side by side', async () => {
  const { status, result } = await run(['ping', '--all', '--json'], createMemoryWorld({ devices: [{}, {}, {}] }));
  expect(status).toBe(0);
  expect(result?.devices.map(({ code }) => code)).toEqual(['ping-answered', 'ping-answered', 'ping-answered']);
});

test('nobody is asked: a ping changes nothing', async () => {
  const { status } = await run(['ping'], { ...createMemoryWorld(), terminal: 100, answer: null });
  expect(status).toBe(0);
});
