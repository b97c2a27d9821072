import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AgentComputer } from '../../../src/agent/agent-computer.ts';
import { LABEL, PROBE_LABEL } from '../../../src/agent/darwin/launch-agent.ts';
import { darwinLoginItem } from '../../../src/agent/darwin/login-item.ts';
import { privacyProbe } from '../../../src/agent/darwin/privacy.ts';
import type { Plan } from '../../../src/agent/login-item.ts';
import { carryOut } from '../../../src/agent/steps.ts';
import { temporaryFile } from '../../cli/harness.ts';
import type { Manners } from '../launchd.ts';
import { aMac, WISH } from './a-mac.ts';

function aLoginItem(manners: Manners = {}) {
  const { machine, launchd } = aMac(manners);
  const program = { node: process.execPath, script: temporaryFile('main.js', '') };
  const own: AgentComputer = { ...machine, program: async () => program };
  const wish = { ...WISH, program, logFolder: join(machine.home, 'Library/Logs/spacepack') };
  const path = join(machine.home, 'Library/LaunchAgents', `${LABEL}.plist`);
  const perform = async ({ steps }: Plan): Promise<void> => {
    for (const step of steps) await carryOut(step, machine.run);
  };
  return { item: darwinLoginItem(own), machine: own, launchd, wish, path, perform };
}

describe('a login item', () => {
  test('is installed, is active, is removed', async () => {
    const { item, launchd, wish, path, perform } = aLoginItem();
    expect(await item.inspect()).toMatchObject({ installed: false, active: false });
    await perform(await item.install(wish));
    expect(launchd.loaded()).toEqual([LABEL]);
    expect(await item.inspect()).toMatchObject({ installed: true, active: true, program: wish.program });
    expect((await item.inspect()).diagnoses.map(({ state }) => state)).toEqual(['good', 'good']);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o077).toBe(0);
    await perform(await item.uninstall());
    expect(launchd.loaded()).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  test('that is as wished is left alone; so is one that is not there', async () => {
    const { item, wish, perform } = aLoginItem();
    expect((await item.uninstall()).steps).toEqual([]);
    await perform(await item.install(wish));
    expect((await item.install(wish)).steps).toEqual([]);
  });

  test('with another interval is replaced, though launchd takes its time to let go', async () => {
    const { item, launchd, wish, path, perform } = aLoginItem({ drainMs: 2_000 });
    await perform(await item.install(wish));
    await perform(await item.install({ ...wish, hours: 6 }));
    expect(launchd.loaded()).toEqual([LABEL]);
    expect(readFileSync(path, 'utf8')).toContain('<integer>21600</integer>');
  });

  test('that was disabled once is enabled first', async () => {
    const { item, launchd, wish, perform } = aLoginItem({ disabled: [LABEL] });
    await perform(await item.install(wish));
    expect(launchd.loaded()).toEqual([LABEL]);
  });

  test('that was disabled since is told from one that was switched off', async () => {
    const disabled = aLoginItem();
    await disabled.perform(await disabled.item.install(disabled.wish));
    disabled.launchd.launchctl(['disable', `gui/501/${LABEL}`]);
    disabled.launchd.launchctl(['bootout', `gui/501/${LABEL}`]);
    const [first] = (await disabled.item.inspect()).diagnoses;
    expect(first).toMatchObject({ state: 'broken', message: expect.stringContaining('launchctl disable') });

    const off = aLoginItem({ switchedOff: true });
    await off.perform({ ...(await off.item.install(off.wish)), advice: [] }).catch(() => undefined);
    const [said] = (await off.item.inspect()).diagnoses;
    expect(said).toMatchObject({ state: 'broken', remedy: expect.stringContaining('Login Items & Extensions') });
  });

  test('is not installed where nobody is logged in at the screen, nor beside Homebrew’s', async () => {
    const ssh = aLoginItem({ session: false });
    await expect(ssh.item.install(ssh.wish)).rejects.toMatchObject({ code: 'not-ready' });
    const brew = aLoginItem();
    mkdirSync(join(brew.machine.home, 'Library/LaunchAgents'), { recursive: true });
    writeFileSync(join(brew.machine.home, 'Library/LaunchAgents/homebrew.mxcl.spacepack.plist'), '');
    await expect(brew.item.install(brew.wish)).rejects.toMatchObject({
      remedy: expect.stringContaining('brew services'),
    });
    expect((await brew.item.inspect()).diagnoses.map(({ state }) => state)).toContain('broken');
  });

  test('whose node was removed by an upgrade is known to be broken, and how to mend it', async () => {
    const { item, wish, perform } = aLoginItem();
    await perform(
      await item.install({ ...wish, program: { ...wish.program, node: '/opt/homebrew/Cellar/node/20/bin/node' } }),
    );
    expect((await item.inspect()).diagnoses).toContainEqual(
      expect.objectContaining({ state: 'broken', remedy: expect.stringContaining('agent install') }),
    );
  });
});

describe('whether the login item may read the volume is found out by a job of launchd', () => {
  const denied = { access: 'denied', message: 'EPERM', remedy: 'Click here.' };

  test('which leaves its finding, and nothing else', async () => {
    const { machine, launchd, wish } = aLoginItem({
      spawn: (args) => writeFileSync(args[args.indexOf('--write') + 1] ?? '', JSON.stringify(denied)),
    });
    const probe = await privacyProbe(machine, wish);
    for (const step of probe.steps) await carryOut(step, machine.run);
    expect(await probe.finding()).toEqual(denied);
    expect(launchd.loaded()).toEqual([]);
    expect(existsSync(join(await machine.stateDirectory(), 'agent', `${PROBE_LABEL}.plist`))).toBe(false);
  });

  test('which macOS holds until somebody answers: given up after a minute', async () => {
    const { machine, launchd, wish } = aLoginItem();
    const probe = await privacyProbe(machine, wish);
    for (const step of probe.steps) await carryOut(step, machine.run);
    expect(await probe.finding()).toBeNull();
    expect(machine.clock.now()).toBeGreaterThanOrEqual(60_000);
    expect(launchd.loaded()).toEqual([]);
  });
});
