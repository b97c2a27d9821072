import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { buildProgram } from './agent/built-program.ts';
import { temporaryFolder } from './cli/harness.ts';

/** Every block of the guide to profiles, as it stands, run by a real shell against the command line as it is shipped. */
const guide = readFileSync(fileURLToPath(new URL('../docs/profiles.md', import.meta.url)), 'utf8');
const blocks = [...guide.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
  language,
  text,
}));
const of = (wanted: string) => blocks.filter(({ language }) => language === wanted).map(({ text }) => text);

test('the guide has one profile and commands for it', () => {
  expect([of('toml').length, of('sh').length, blocks.length]).toEqual([1, 2, 3]);
});

describe.skipIf(process.platform !== 'linux')('the guide, followed as written', () => {
  test('from nothing to tried', () => {
    const main = buildProgram('spacepack-profiles-guide-test');
    const home = temporaryFolder();
    mkdirSync(join(home, 'bin'));
    writeFileSync(join(home, 'bin/spacepack'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, {
      mode: 0o755,
    });
    writeFileSync(join(home, 'my-printer.toml'), of('toml')[0] ?? '');
    const env = {
      PATH: `${join(home, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: home,
      SPACEPACK_CONFIG_DIR: join(home, 'config'),
      SPACEPACK_STATE_DIR: join(home, 'state'),
    };
    const said = of('sh').map((text) => execFileSync('sh', ['-e', '-c', text], { cwd: home, env, encoding: 'utf8' }));
    expect(said[0]).toContain('found applied');
    expect(said[1]).toContain('claims it');
    expect(said[1]).toContain('nothing was written');
  });
});
