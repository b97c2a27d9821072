import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SpacepackError } from '../../../src/protocol/errors.ts';
import { createEnvironment } from '../../../src/volume/environment.ts';
import { playPing, playUpdate } from '../../engine/play.ts';
import { changedFiles } from '../cards/content.ts';
import { createFolderWorld, payloadOf, type Scenario, scenarioOf } from '../index.ts';

/** What the host's lister of folders must understand, each by one scenario. */
const NAMES = [
  'healthy',
  'elsewhere',
  'headless',
  'twins',
  'stale-trigger',
  'recovery',
  'returns-as-bootloader',
  'no-card',
  'gpt',
  'exfat',
  'full',
  'read-only',
  'info-link',
  'ping',
];

const QUICK = { attach: 50, away: 1_000, verify: 10, erase: 10, program: 10, start: 20, cardWrites: 10 };

function required(name: string): Scenario {
  const scenario = scenarioOf(name);
  if (scenario === undefined) throw new TypeError(`no scenario ${name}`);
  return scenario;
}

async function endingOf(scenario: Scenario, root: string, stateDirectory: string): Promise<Scenario['expected']> {
  const environment = createEnvironment({ root, stateDirectory });
  try {
    const choice = scenario.device === undefined ? {} : { device: scenario.device };
    const run =
      scenario.action === 'ping' ? playPing(environment) : playUpdate(environment, payloadOf(scenario), choice);
    const { verdict, code } = (await run).outcome;
    return { verdict, code };
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    return { verdict: thrown.fault.verdict, code: thrown.code };
  }
}

describe('a world of folders, seen by the real code of the host for folders', () => {
  test.concurrent.each(NAMES)('ends as it must: %s', async (name) => {
    const scenario = required(name);
    const top = mkdtempSync(join(tmpdir(), 'fake-volume-'));
    const root = join(top, 'volumes');
    const devices = (scenario.devices ?? [{}]).map((device) => ({
      ...device,
      settings: { ...device.settings, quietMs: 500, quietDirtyMs: 5_000, durations: QUICK },
    }));
    const world = createFolderWorld({ ...scenario, root, devices });
    try {
      await expect.poll(() => world.devices.every(({ firmware }) => firmware.ready)).toBe(true);
      const before = world.devices.map((device) => device.userFiles());
      expect(await endingOf(scenario, root, join(top, 'state'))).toEqual(scenario.expected);
      const changes = world.devices.map((device, index) =>
        changedFiles(before[index] ?? new Map(), device.userFiles()),
      );
      expect(changes.flat()).toEqual([]);
    } finally {
      world.dispose();
      rmSync(top, { recursive: true, force: true });
    }
  });
});
