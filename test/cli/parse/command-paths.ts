import type { CommandIndex } from '../../../src/cli/commands/command.ts';

/** The words that call each command, groups first. */
export async function commandPaths(commands: CommandIndex): Promise<readonly (readonly string[])[]> {
  const paths = Object.entries(commands).map(async ([name, load]) => {
    const called = await load();
    if (!('commands' in called)) return [[name]];
    return (await commandPaths(called.commands)).map((path) => [name, ...path]);
  });
  return (await Promise.all(paths)).flat();
}
