import { describe, expect, test } from 'vitest';
import { createMemoryWorld } from '../fake-volume/index.ts';
import { run } from './harness.ts';

describe('a fault of ours', () => {
  const { environment } = createMemoryWorld();
  const broken = {
    ...environment,
    volumes: {
      ...environment.volumes,
      list: () => Promise.reject(new TypeError('\u001b[31mnot thought of')),
    },
  };

  test('has status 1, and is told whole so that it can be reported', async () => {
    const { status, result, stderr } = await run(['list', '--json'], { environment: broken });
    expect({ status, code: result?.code }).toEqual({ status: 1, code: 'unexpected' });
    expect(stderr).toMatch(/TypeError.*not thought of\n +at /);
    expect(stderr).not.toContain('\u001b');
  });
});

test('with --json the standard error has no table', async () => {
  expect((await run(['list', '--json'], createMemoryWorld())).stderr).toBe('');
});

describe('colours', () => {
  const coloured = async (argv: readonly string[], variables: Readonly<Record<string, string>>, terminal?: number) => {
    const situation = { ...createMemoryWorld(), variables, ...(terminal !== undefined && { terminal }) };
    return (await run(['list', ...argv], situation)).stdout.includes('\u001b[');
  };

  test('are for terminals', async () => {
    expect(await coloured([], {}, 100)).toBe(true);
    expect(await coloured([], {})).toBe(false);
  });

  test.each([
    [['--no-color'], {}],
    [[], { NO_COLOR: '1' }],
    [[], { TERM: 'dumb' }],
  ])('%j %j: none', async (argv, variables) => {
    expect(await coloured(argv, variables as Readonly<Record<string, string>>, 100)).toBe(false);
  });

  test('an empty NO_COLOR means nothing', async () => {
    expect(await coloured([], { NO_COLOR: '' }, 100)).toBe(true);
  });
});
