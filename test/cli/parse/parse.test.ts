import { describe, expect, test } from 'vitest';
import { loadCalled } from '../../../src/cli/commands/command.ts';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { parse } from '../../../src/cli/parse/parse.ts';
import { run } from '../harness.ts';
import { commandPaths } from './command-paths.ts';

const paths = await commandPaths(COMMANDS);

describe('every command', () => {
  test.each(paths.map((path) => [path.join(' '), path] as const))(
    '%s is listed by the name that it has',
    async (_, path) => {
      expect((await loadCalled(path, COMMANDS)).map(({ name }) => name)).toEqual(path);
    },
  );

  test.each(paths.map((path) => [path.join(' '), path] as const))('%s --help has examples', async (_, path) => {
    const parsed = await parse([...path, '--help'], 100);
    expect(parsed.kind).toBe('show');
    const text = parsed.kind === 'show' ? parsed.text : '';
    expect(text).toContain('Examples:');
    expect(text).toContain('--json');
    expect(text).toContain(`spacepack ${path.join(' ')}`);
  });

  test('--help is no wider than asked', async () => {
    const { stdout, status } = await run(['update', '--help'], { terminal: 60 });
    expect(status).toBe(0);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});

describe('a command line that is not understood', () => {
  const cases: readonly (readonly [argv: readonly string[], expected: RegExp])[] = [
    [[], /a command/],
    [['lst'], /Did you mean "list"\?/],
    [['updaet', 'x'], /Did you mean "update"\?/],
    [['frobnicate'], /frobnicate\.$/],
    [['image', 'cretae'], /Did you mean "create"\?/],
    [['image'], /command after "image"/],
    [['update', 'x', '--devise', 'y'], /Did you mean --device\?/],
    [['update', 'x', '--dryrun'], /Did you mean --dry-run\?/],
    [['update'], /update <image>/],
    [['update', 'a', 'b'], /b/],
    [['update', 'a', '--device'], /device/],
    [['update', 'a', '--device='], /--device/],
    [['update', 'a', '--device', 'x', '--device', 'y'], /--device once/],
    [['image', 'create', 'a'], /out/],
    [['image', 'create', 'a', '--version'], /version/],
    [['list', '--no-json'], /no-json/],
    [['simulate', 'helthy'], /Did you mean "healthy"\?/],
  ];
  test.each(cases)('%j', async (argv, expected) => {
    const { status, result } = await run([...argv, '--json']);
    expect(status).toBe(2);
    expect(result).toMatchObject({ code: 'usage', verdict: 'refused', exit: 2 });
    expect(result?.message).toMatch(expected);
  });
});

test('--key may be given several times, and does not swallow the image', async () => {
  const parsed = await parse(['update', '--key', 'a', '--key', 'b', 'firmware.dfu'], 80);
  expect(parsed).toMatchObject({ kind: 'run', args: { image: 'firmware.dfu', key: ['a', 'b'] } });
});

test('a serial that looks like a number stays a text', async () => {
  const parsed = await parse(['update', '007', '--device', '0012'], 80);
  expect(parsed).toMatchObject({ args: { image: '007', device: '0012' } });
});

test('the completion script is a script', async () => {
  const { stdout, status } = await run(['completion']);
  expect(status).toBe(0);
  expect(stdout).toContain('spacepack --get-yargs-completions');
});

test('completion knows commands and options', async () => {
  const { stdout } = await run(['--get-yargs-completions', 'spacepack', 'update', '--al']);
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(['--all', '--allow-downgrade']));
});
