import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TOO_LONG_MS } from '../../src/agent/under-way.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import { type Ran, run, temporaryFolder } from '../cli/harness.ts';
import { createMemoryWorld } from '../fake-volume/index.ts';
import { aComputer, ran } from './a-computer.ts';

/** A computer on which another run has the lock, or not. */
function computer() {
  const place = temporaryFolder();
  mkdirSync(join(place, 'config'));
  writeFileSync(join(place, 'config', 'settings.toml'), '[agent]\nchannel = "https://nowhere.invalid/"\n');
  let [now, isHeld] = [new Date('2026-11-01T12:00:00Z'), true];
  const machine = { ...aComputer({ home: place, run: async () => ran(1) }), date: () => now };
  const { environment } = createMemoryWorld({ devices: [] });
  const locks = {
    async acquire() {
      if (isHeld) throw new SpacepackError('device-locked', 'process 7 has held it');
      return async () => {};
    },
  };
  const type = (...argv: readonly string[]): Promise<Ran> =>
    run([...argv, '--json'], {
      machine,
      environment: { ...environment, locks },
      variables: { SPACEPACK_CONFIG_DIR: join(place, 'config') },
    });
  return {
    type,
    pass(ms: number) {
      now = new Date(now.getTime() + ms);
    },
    free() {
      isHeld = false;
    },
  };
}

const findings = ({ events }: Ran): readonly unknown[] =>
  events.filter((event) => event.event === 'finding' && event.message.includes('under way'));

describe('another run that is under way', () => {
  test('is nothing to report, until none has had its turn for too long', async () => {
    const { type, pass } = computer();
    expect(await type('agent', 'run', '--once')).toMatchObject({ status: 0 });
    pass(TOO_LONG_MS - 1);
    expect(await type('agent', 'run', '--once')).toMatchObject({ status: 0 });
    expect(findings(await type('agent', 'status'))).toEqual([]);
    pass(1);
    expect(await type('agent', 'run', '--once')).toMatchObject({ status: 10, result: { code: 'device-locked' } });
    expect(findings(await type('agent', 'status'))).toMatchObject([{ state: 'broken' }]);
    expect(findings(await type('doctor'))).toMatchObject([{ state: 'note' }]);
  });

  test('is forgotten once a run has its turn', async () => {
    const { type, pass, free } = computer();
    await type('agent', 'run', '--once');
    pass(2 * TOO_LONG_MS);
    free();
    expect(await type('agent', 'run', '--once')).toMatchObject({ status: 0 });
    expect(findings(await type('agent', 'status'))).toEqual([]);
  });

  test('is not too long because the clock was set back', async () => {
    const { type, pass } = computer();
    await type('agent', 'run', '--once');
    pass(-10 * TOO_LONG_MS);
    expect(await type('agent', 'run', '--once')).toMatchObject({ status: 0 });
    pass(TOO_LONG_MS);
    expect(await type('agent', 'run', '--once')).toMatchObject({ status: 10 });
  });
});
