import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAULTS } from '../../../../src/protocol/faults.ts';
import { scenarios } from '../../../fake-volume/index.ts';
import { run, temporaryFolder } from '../../harness.ts';

test('--list names every scenario', async () => {
  const { status, events } = await run(['simulate', '--list', '--json']);
  expect(status).toBe(0);
  expect(events.filter(({ event }) => event === 'scenario')).toHaveLength(scenarios.length);
});

describe('--instant plays in virtual time and ends as the update would', () => {
  test.each(['healthy', 'failed-flash', 'never-returns', 'gpt', 'twins-none-chosen'])('%s', async (name) => {
    const expected = scenarios.find((scenario) => scenario.name === name)?.expected.code ?? '';
    const { status, result, events } = await run(['simulate', name, '--instant', '--json']);
    expect({ status, code: result?.code }).toEqual({
      status: FAULTS[expected as keyof typeof FAULTS].exit,
      code: expected,
    });
    expect(events.some(({ event }) => event === 'simulated')).toBe(true);
    const times = events.map(({ elapsedMs }) => elapsedMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

test('healthy runs the real update on real folders, and shows both sides', async () => {
  const { status, stdout } = await run(['simulate', 'healthy']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^host +\d+\.\d s {2}Writes the trigger/m);
  expect(stdout).toMatch(/^device +\d+\.\d s {2}erases the flash memory/m);
  expect(stdout).toMatch(/files of the user .* byte for byte/);
  expect(stdout).toMatch(/^applied SP00000001/m);
});

test('a wide terminal gets two columns, none wider than it', async () => {
  const { stdout } = await run(['simulate', 'healthy', '--instant', '--no-color'], { terminal: 90 });
  expect(stdout).toMatch(/Looks for the device.* \| /);
  expect(stdout).toMatch(/^ +\d+\.\d s {2} {30,}\| attaches/m);
  const rows = stdout.split('\n').filter((line) => line.includes(' | '));
  expect(Math.max(...rows.map((line) => line.length))).toBeLessThan(90);
});

test('--root keeps a device alive until Ctrl-C, with images to try beside its volume', async () => {
  const root = join(temporaryFolder(), 'bus');
  const signals = new EventEmitter();
  const seen: string[] = [];
  const { status, stderr } = await run(['simulate', '--root', root, '--json'], {
    signals,
    onEvent(event) {
      if (event.event === 'file')
        seen.push(...['newer.dfu', 'maker.public.pem'].filter((name) => existsSync(join(event.path, name))));
      if (event.event === 'simulated' && event.message.startsWith('attaches')) signals.emit('SIGINT');
    },
  });
  expect(status).toBe(0);
  expect(seen).toEqual(['newer.dfu', 'maker.public.pem']);
  expect(existsSync(root)).toBe(false);
  expect(stderr).not.toContain('Calling the update off');
});

test('--root does not touch a folder that holds anything', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, '.images'));
  writeFileSync(join(root, '.images', 'mine.png'), 'mine');
  expect((await run(['simulate', '--root', root])).status).toBe(2);
  expect(readFileSync(join(root, '.images', 'mine.png'), 'utf8')).toBe('mine');
  expect(readdirSync(root)).toEqual(['.images']);
});

test('an unknown scenario is a usage error', async () => {
  expect((await run(['simulate', 'frobnicate'])).status).toBe(2);
});

test('Ctrl-C while it plays ends it with the status of an interruption', async () => {
  const signals = new EventEmitter();
  const { status, result } = await run(['simulate', 'healthy', '--json'], {
    signals,
    onEvent(event) {
      if (event.event === 'simulated') signals.emit('SIGINT');
    },
  });
  expect({ status, code: result?.code }).toEqual({ status: 130, code: 'interrupted' });
});
