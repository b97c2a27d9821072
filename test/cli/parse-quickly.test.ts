import { expect, test } from 'vitest';
import { parse } from '../../src/cli/parse.ts';
import { parseQuickly } from '../../src/cli/parse-quickly.ts';

test.each([
  ['list'],
  ['list', '--json', '-q'],
  ['agent', 'run'],
  ['agent', 'run', '--once', '--quiet'],
  ['agent', 'run', '--root', '/somewhere', '--json'],
  ['agent', 'run', '--once', '-q', '--no-color'],
])('%s %s %s %s is understood as the parser understands it', async (...argv) => {
  const [quick, whole] = await Promise.all([parseQuickly(argv), parse(argv, 80)]);
  if (quick?.kind !== 'run' || whole.kind !== 'run') throw new Error('expected a command');
  expect(quick.command).toBe(whole.command);
  const said = Object.entries(quick.args).filter(([, value]) => value !== false);
  for (const [name, value] of said) if (name !== 'once') expect(whole.args[name]).toEqual(value);
});

test.each([
  ['update', 'x.dfu'],
  ['list', '--root', '/x'],
  ['agent'],
  ['agent', 'status'],
  ['agent', 'run', '--now'],
  ['agent', 'run', '--root'],
  ['agent', 'run', '--root', '--json'],
  ['agent', 'run', '--root=/x'],
  ['agent', 'run', '--help'],
  ['agent', 'run', '--once', '--once=false'],
])('%s %s %s %s is left to the parser', async (...argv) => {
  expect(await parseQuickly(argv)).toBeNull();
});
