import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serviceText } from '../../../src/agent/linux/units.ts';
import { RUN_ARGUMENTS } from '../../../src/agent/login-item.ts';
import { temporaryFolder } from '../../cli/harness.ts';
import { canRunOne, NAME_PARTS, START, STOP } from './a-manager.ts';

describe.runIf(canRunOne)('a real manager of a user’s services', () => {
  test('starts the very program with the very words, whatever they are called', () => {
    const home = temporaryFolder();
    const units = join(home, '.config/systemd/user');
    mkdirSync(units, { recursive: true });
    const said = join(home, 'said');
    // All in one name, and each alone, of the program as of the script.
    const cases = [NAME_PARTS.join(''), ...NAME_PARTS].map((name, index) => {
      const folder = join(home, `in ${index}${name}`);
      mkdirSync(folder);
      const program = { node: join(folder, `a${name}`), script: join(folder, `${name}.js`) };
      writeFileSync(program.node, `#!/bin/sh\nprintf '%s\\0' "$0" "$@" "$STATE" >'${said}-${index}'\n`, {
        mode: 0o755,
      });
      const variables = { STATE: 'a $HOME %h \\x41 \'b\' \u0024{c} "d"' };
      writeFileSync(join(units, `t${index}.service`), serviceText({ program, variables, hours: 24, logFolder: '/l' }));
      return { program, variables };
    });
    const starts = cases.map((_, index) => `systemctl --user start t${index}.service`).join('\n');
    const env = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', HOME: home, XDG_RUNTIME_DIR: '/run/user/0' };
    const { stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', `${START}${starts}\n${STOP}`], { env, cwd: '/' });
    expect(String(stderr)).toBe('');
    for (const [index, { program, variables }] of cases.entries()) {
      const words = readFileSync(`${said}-${index}`, 'utf8').split('\0');
      expect(words).toEqual([program.node, program.script, ...RUN_ARGUMENTS, variables.STATE, '']);
    }
  });
});
