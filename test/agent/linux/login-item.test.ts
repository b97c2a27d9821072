import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AgentComputer } from '../../../src/agent/agent-computer.ts';
import { linuxLoginItem } from '../../../src/agent/linux/login-item.ts';
import { planSystemRule, planSystemRuleRemoval } from '../../../src/agent/linux/system-rule.ts';
import { SERVICE, TIMER } from '../../../src/agent/linux/units.ts';
import type { Plan } from '../../../src/agent/login-item.ts';
import { carryOut } from '../../../src/agent/steps.ts';
import { temporaryFolder } from '../../cli/harness.ts';
import { aComputer, MISSING, obeyed, ran } from '../a-computer.ts';

/** A user's systemd that only knows which units are enabled. */
function aUser(parts: Partial<AgentComputer> = {}) {
  const enabled = new Set<string>();
  const run: AgentComputer['run'] = async (program, [, verb = '', ...rest]) => {
    const unit = rest.at(-1) ?? '';
    if (program !== 'systemctl') return MISSING;
    if (verb === 'enable') enabled.add(unit);
    if (verb === 'disable') enabled.delete(unit);
    return verb.startsWith('is-') && !enabled.has(unit) ? ran(1, 'inactive\n') : obeyed([verb]);
  };
  const machine = aComputer({ run, ...parts });
  const perform = async ({ steps }: Plan): Promise<void> => {
    for (const step of steps) await carryOut(step, machine.run);
  };
  return { machine, item: linuxLoginItem(machine), perform, enabled };
}

const wishOf = async (machine: AgentComputer) => ({
  program: await machine.program(),
  variables: {},
  hours: 24,
  logFolder: join(machine.home, 'logs'),
});

describe('a login item', () => {
  test('is installed, is active, is removed; twice is as good as once', async () => {
    const { machine, item, perform, enabled } = aUser();
    const folder = join(machine.home, '.config/systemd/user');
    expect(await item.inspect()).toMatchObject({ installed: false });
    expect((await item.uninstall()).steps).toEqual([]);
    await perform(await item.install(await wishOf(machine)));
    expect([...enabled]).toEqual([TIMER]);
    expect(await item.inspect()).toMatchObject({ installed: true, active: true, program: await machine.program() });
    expect((await item.install(await wishOf(machine))).steps).toEqual([]);
    await perform(await item.uninstall());
    expect([SERVICE, TIMER].map((name) => existsSync(join(folder, name)))).toEqual([false, false]);
    expect([...enabled]).toEqual([]);
  });

  test('is removed although systemd cannot be asked any more', async () => {
    const { machine, item, perform } = aUser();
    await perform(await item.install(await wishOf(machine)));
    const later: AgentComputer = { ...machine, run: async () => MISSING };
    for (const step of (await linuxLoginItem(later).uninstall()).steps) await carryOut(step, later.run);
    expect(await linuxLoginItem(later).inspect()).toMatchObject({ installed: false });
  });

  test('is not installed in a chroot, where systemctl ignores each command and exits with 0', async () => {
    // The words are systemd's (src/systemctl/systemctl.c, src/basic/virt.c).
    const ignoring: AgentComputer['run'] = async (_, [, verb]) =>
      ran(0, '', `Running in chroot, ignoring command '${verb}'\n`);
    const { machine, item, perform } = aUser();
    const inChroot = linuxLoginItem({ ...machine, run: ignoring });
    await expect(inChroot.install(await wishOf(machine))).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('Running in chroot'),
    });
    await perform(await item.install(await wishOf(machine)));
    expect(await inChroot.inspect()).toMatchObject({ installed: true, active: false });
  });

  test('whose timer was switched off is known to be broken', async () => {
    const { machine, item, perform, enabled } = aUser();
    await perform(await item.install(await wishOf(machine)));
    enabled.clear();
    expect(await item.inspect()).toMatchObject({ active: false });
    expect((await item.inspect()).diagnoses[0]).toMatchObject({ state: 'broken' });
    await perform(await item.install(await wishOf(machine)));
    expect(await item.inspect()).toMatchObject({ active: true });
  });

  test('whose file cannot be read is not "not installed"', async () => {
    const { machine, item } = aUser();
    mkdirSync(join(machine.home, '.config/systemd/user', SERVICE), { recursive: true });
    const { installed, diagnoses } = await item.inspect();
    expect(installed).toBe(true);
    expect(diagnoses).toContainEqual(
      expect.objectContaining({ state: 'broken', message: expect.stringContaining(SERVICE) }),
    );
  });

  test('honours XDG_CONFIG_HOME', async () => {
    const configuration = temporaryFolder();
    const { machine, item, perform } = aUser({ variables: { XDG_CONFIG_HOME: configuration } });
    await perform(await item.install(await wishOf(machine)));
    expect(existsSync(join(configuration, 'systemd/user', SERVICE))).toBe(true);
  });

  test.each([
    ['without systemd', MISSING],
    ['under sudo, without a session', ran(1, '', 'Failed to connect to bus: No medium found')],
  ])('cannot be installed %s, and it is said what to do', async (_, answer) => {
    const { machine, item } = aUser({ run: async () => answer });
    await expect(item.install(await wishOf(machine))).rejects.toMatchObject({
      code: 'not-ready',
      remedy: expect.stringContaining('agent run --once'),
    });
  });

  test('says how a device that is plugged in starts it, where no rule does yet', async () => {
    const { machine, item } = aUser();
    const { advice } = await item.install(await wishOf(machine));
    expect(advice.join('\n')).toContain('sudo spacepack agent install --system');
    expect(advice.join('\n')).toContain('SYSTEMD_USER_WANTS');
  });
});

describe('the rule of udev', () => {
  const asRoot = { uid: 0, run: async () => ran(0) };

  test('is written by root for everybody to read, once, and removed', async () => {
    const machine = aComputer(asRoot);
    const path = join(temporaryFolder(), '70-spacepack.rules');
    for (const step of (await planSystemRule(machine, false, path)).steps) await carryOut(step, machine.run);
    expect(readFileSync(path, 'utf8')).toContain('19e7');
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect((await planSystemRule(machine, false, path)).steps).toEqual([]);
    for (const step of (await planSystemRuleRemoval(machine, false, path)).steps) await carryOut(step, machine.run);
    expect(existsSync(path)).toBe(false);
    expect((await planSystemRuleRemoval(machine, false, path)).steps).toEqual([]);
  });

  test('is not written by others, but shown to them', async () => {
    const machine = aComputer({ uid: 1000 });
    await expect(planSystemRule(machine, false, '/nowhere/rule')).rejects.toMatchObject({ code: 'usage' });
    expect((await planSystemRule(machine, true, '/nowhere/rule')).steps).toHaveLength(2);
  });

  test('is for Linux', async () => {
    await expect(planSystemRule(aComputer({ platform: 'darwin', uid: 0 }), true)).rejects.toMatchObject({
      code: 'usage',
    });
  });
});
