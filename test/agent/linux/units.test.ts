import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULE_PATH, udevRuleText } from '../../../src/agent/linux/udev-rule.ts';
import { programOfUnit, SERVICE, serviceText, TIMER, timerText } from '../../../src/agent/linux/units.ts';
import { FAMILIES } from '../../../src/protocol/families.ts';
import { temporaryFile, temporaryFolder } from '../../cli/harness.ts';

const has = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const WISH = {
  program: { node: process.execPath, script: temporaryFile('ma%in $HOME "x\'.js', '') },
  variables: { HTTPS_PROXY: 'http://proxy:8080/%41?$x', NO_PROXY: 'a, b' },
  hours: 15,
  logFolder: '/home/me/.local/state/spacepack',
};

describe.runIf(has('systemd-analyze'))('systemd', () => {
  test('has nothing to say against the units', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, SERVICE), serviceText(WISH));
    writeFileSync(join(folder, TIMER), timerText(WISH));
    const paths = [SERVICE, TIMER].map((name) => join(folder, name));
    const env = { ...process.env, XDG_RUNTIME_DIR: folder };
    const said = spawnSync('systemd-analyze', ['--user', '--man=no', 'verify', ...paths], { env, encoding: 'utf8' });
    expect(said).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  test('would have something to say against a program that is not there', () => {
    const folder = temporaryFolder();
    const path = join(folder, SERVICE);
    writeFileSync(path, serviceText({ ...WISH, program: { ...WISH.program, node: '/nowhere/node' } }));
    const env = { ...process.env, XDG_RUNTIME_DIR: folder };
    expect(() =>
      execFileSync('systemd-analyze', ['--user', '--man=no', 'verify', path], { env, stdio: 'ignore' }),
    ).toThrow();
  });
});

test('what the service starts is read back from it', () => {
  expect(programOfUnit(serviceText(WISH))).toEqual(WISH.program);
});

test('the service ends by itself, and is started by nothing but the timer and the rule', () => {
  const text = serviceText(WISH);
  expect(text).toContain('Type=oneshot');
  expect(text).not.toMatch(/Restart|WantedBy|PrivateMounts|ProtectHome/);
  expect(timerText(WISH)).toContain('OnUnitInactiveSec=15h');
});

test('the rule is read before the rules of systemd, and wants the service of the user', () => {
  expect(RULE_PATH.split('/').at(-1)?.localeCompare('99-systemd.rules')).toBeLessThan(0);
  const [, rule] = udevRuleText(FAMILIES).split('\n');
  expect(rule).toBe(
    'ACTION=="add", SUBSYSTEM=="block", ENV{ID_VENDOR_ID}=="19e7", ENV{ID_MODEL_ID}=="1111", ' +
      'ENV{ID_FS_USAGE}=="filesystem", TAG+="systemd", ENV{SYSTEMD_USER_WANTS}+="spacepack-agent.service"',
  );
});
