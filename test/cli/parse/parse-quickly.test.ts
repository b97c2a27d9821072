import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { GLOBAL_OPTIONS } from '../../../src/cli/parse/global-options.ts';
import { parse } from '../../../src/cli/parse/parse.ts';
import { parseQuickly } from '../../../src/cli/parse/parse-quickly.ts';
import { seededRandom } from '../../fake-volume/random.ts';
import { commandPaths } from './command-paths.ts';

/** What the command would read: aliases and other spellings of the same are yargs' own. */
async function understood(argv: readonly string[]): Promise<unknown> {
  const parsed = await parse(argv, 80).catch(() => null);
  if (parsed?.kind !== 'run') return null;
  const { command, args } = parsed;
  const names = Object.keys({ ...command.options, ...command.positionals, ...GLOBAL_OPTIONS });
  return { command, args: Object.fromEntries(names.map((name) => [name, args[name]])) };
}

async function agree(argv: readonly string[]): Promise<boolean> {
  const quick = await parseQuickly(argv);
  if (quick?.kind !== 'run') return false;
  expect([argv, { command: quick.command, args: quick.args }]).toEqual([argv, await understood(argv)]);
  return true;
}

describe('is understood as the parser understands it:', () => {
  test.each([
    'list',
    'list --json -q',
    'list --root /x',
    'update x.dfu',
    'update x.dfu --yes --json',
    'update --device 0042 --key maker.pem -q x.dfu',
    'update x.dfu --all --allow-downgrade --root /somewhere',
    'verify x.dfu',
    'ping --device SP1',
    'agent run',
    'agent run --once --root /somewhere --json',
    'agent config channel https://example.org',
    'history --no-color',
  ])('%s', async (line) => {
    expect(await agree(line.split(' '))).toBe(true);
  });

  test('any words of any command, or they are left to the parser', async () => {
    const random = seededRandom('command lines');
    const pick = <T>(list: readonly T[]): T => list[Buffer.from(random(4)).readUInt32LE() % list.length] as T;
    const commands = await commandPaths(COMMANDS);
    const words = ['x', '7', '', '-', '--', '-q', '-d', '--json', '--json=false', '--yes', '-y', '--device', '--root'];
    words.push(
      '--key',
      '--timeout',
      '--all',
      '--dry-run',
      '--no-color',
      '--help',
      '--once',
      '--nonsense',
      '--device=a',
    );
    let quick = 0;
    for (let round = 0; round < 1_500; round += 1) {
      const line = [...pick(commands), ...Array.from({ length: pick([0, 1, 2, 3, 4]) }, () => pick(words))];
      if (await agree(line)) quick += 1;
    }
    expect(quick).toBeGreaterThan(100);
  });
});

test.each([
  'agent',
  'agent run --root',
  'agent run --root --json',
  'agent run --root=/x',
  'agent run --help',
  'agent run --once --once',
  'list -undefined x',
  'update',
  'update x.dfu y.dfu',
  'update x.dfu --timeout 60',
  'update x.dfu --key one.pem --key two.pem',
  'update x.dfu --device -1',
  'simulate',
  'nonsense',
])('%s is left to the parser', async (line) => {
  expect(await parseQuickly(line.split(' '))).toBeNull();
});
