import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RULE_PATH, udevRuleText } from '../../../src/agent/linux/udev-rule.ts';
import { programOfUnit, SERVICE, serviceText, TIMER, timerText } from '../../../src/agent/linux/units.ts';
import { FAMILIES } from '../../../src/protocol/families.ts';
import { temporaryFile, temporaryFolder } from '../../cli/harness.ts';
import { NAME_PARTS } from './a-manager.ts';

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

const names = fc.array(fc.constantFrom(...NAME_PARTS), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

/** A program with that name in a folder with that name. */
function programCalled(name: string): string {
  const folder = join(temporaryFolder(), `in ${name}`);
  mkdirSync(folder);
  const path = join(folder, `a${name}`);
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
  return path;
}

/** What systemd says against units; it also looks whether their program is there, and so what it read as its name. */
function complaints(units: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(units)) writeFileSync(join(folder, name), text);
  const paths = Object.keys(units).map((name) => join(folder, name));
  const env = { ...process.env, XDG_RUNTIME_DIR: folder };
  const { status, output } = spawnSync('systemd-analyze', ['--user', '--man=no', 'verify', ...paths], {
    env,
    encoding: 'utf8',
  });
  return status === 0 ? output.join('') : `status ${status}${output.join('')}`;
}

describe.runIf(has('systemd-analyze'))('systemd', () => {
  test('has nothing to say against the units', () => {
    expect(complaints({ [SERVICE]: serviceText(WISH), [TIMER]: timerText(WISH) })).toBe('');
  });

  test('would have something to say against a program that is not there', () => {
    const text = serviceText({ ...WISH, program: { ...WISH.program, node: '/nowhere/node' } });
    expect(complaints({ [SERVICE]: text })).toContain('/nowhere/node');
  });

  test.each(NAME_PARTS)('finds a node whose path has %j in it', (name) => {
    const node = programCalled(name);
    const text = serviceText({ ...WISH, program: { node, script: `${node}.js` } });
    expect(complaints({ [SERVICE]: text })).toBe('');
  });

  test('finds a node in any folder that a system can have', () => {
    fc.assert(
      fc.property(names, (name) => {
        const text = serviceText({ ...WISH, program: { node: programCalled(name), script: `/${name}` } });
        expect(complaints({ [SERVICE]: text })).toBe('');
      }),
      { numRuns: 12 },
    );
  });
});

test('a unit that is written is read back, whatever the names are, and is one line for each of its settings', () => {
  fc.assert(
    fc.property(names, names, (node, script) => {
      const program = { node: `/${node}`, script: `/${script}` };
      const text = serviceText({ ...WISH, program });
      expect(programOfUnit(text)).toEqual(program);
      expect(text.split(/[\n\r]/).filter((line) => !/^(\[\w+\]$|\w+=|$)/.test(line))).toEqual([]);
    }),
  );
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

test('the rule names the ids that every family is sure of', () => {
  const ids = [...udevRuleText(FAMILIES).matchAll(/VENDOR_ID}=="(\w+)", ENV{ID_MODEL_ID}=="(\w+)"/g)];
  expect(ids.map(([, vendor, product]) => `${vendor}:${product}`)).toEqual([
    '19e7:1111',
    '2e8a:0003',
    '2e8a:000f',
    '0d28:0204',
  ]);
});

test('nothing but hexadecimal digits of a device gets into the rule', () => {
  const id = fc.integer({ min: 0, max: 0xffff });
  fc.assert(
    fc.property(id, id, (vendorId, productId) => {
      const [, ...rules] = udevRuleText([{ usb: [{ vendorId, productId }] }]).split('\n');
      expect(rules.join('')).toMatch(
        /^ACTION[^{]*ENV\{ID_VENDOR_ID\}=="[0-9a-f]{4}", ENV\{ID_MODEL_ID\}=="[0-9a-f]{4}", ENV[^\\]*$/,
      );
    }),
  );
});
