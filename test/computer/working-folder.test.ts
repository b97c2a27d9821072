import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../volume/a-volume.ts';
import { compiled, otherProcess } from './a-process.ts';

const module = compiled('src/computer/working-folder.ts');

/** Where a process that was started in one folder stands after it left another, and what it then takes `x` for. */
async function after(started: string, left: string): Promise<readonly string[]> {
  const { said } = await otherProcess(
    `const { asTyped, leaveFolder } = await import(${JSON.stringify(module)});
    process.chdir(${JSON.stringify(started)});
    leaveFolder(${JSON.stringify(left)});
    process.stdout.write(JSON.stringify([process.cwd(), asTyped('x'), asTyped('/y')]) + '\\n');`,
  );
  return JSON.parse(said);
}

describe.skipIf(process.platform === 'win32')('a process that stands in a volume', () => {
  test('leaves it for the root folder, and paths keep the meaning that they were typed with', async () => {
    const volume = realpathSync(await temporaryFolder());
    mkdirSync(join(volume, 'DCIM'));
    expect(await after(volume, volume)).toEqual(['/', join(volume, 'x'), '/y']);
    expect(await after(join(volume, 'DCIM'), volume)).toEqual(['/', join(volume, 'DCIM', 'x'), '/y']);
  });

  test('stays where it is if that is another folder, with a like name or above it', async () => {
    const folder = realpathSync(await temporaryFolder());
    for (const name of ['card', 'card 1', '..card']) mkdirSync(join(folder, name));
    expect(await after(join(folder, 'card 1'), join(folder, 'card'))).toEqual([
      join(folder, 'card 1'),
      join(folder, 'card 1', 'x'),
      '/y',
    ]);
    expect((await after(folder, join(folder, 'card')))[0]).toBe(folder);
    expect((await after(join(folder, '..card'), folder))[0]).toBe('/');
  });
});
