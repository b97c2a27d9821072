import { describe, expect, test } from 'vitest';
import { LABEL, launchAgentText } from '../../../src/agent/darwin/launch-agent.ts';
import { createLaunchctl } from '../../../src/agent/darwin/launchctl.ts';
import { temporaryFile } from '../../cli/harness.ts';
import type { Manners } from '../launchd.ts';
import { aMac, WISH } from './a-mac.ts';

const path = temporaryFile(`${LABEL}.plist`, await launchAgentText(WISH, '/Users/me'));

function aLaunchctl(manners: Manners = {}) {
  const { machine, launchd } = aMac(manners);
  return { launchctl: createLaunchctl(machine), launchd, clock: machine.clock };
}

describe('launchd, as it was seen to behave', () => {
  test('loads a job', async () => {
    const { launchctl, launchd } = aLaunchctl();
    await launchctl.bootstrap(LABEL, path);
    expect(launchd.loaded()).toEqual([LABEL]);
    expect(await launchctl.state(LABEL)).toBe('loaded');
  });

  test('has the job already: that is as good', async () => {
    const { launchctl, launchd } = aLaunchctl();
    await launchctl.bootstrap(LABEL, path);
    await launchctl.bootstrap(LABEL, path);
    expect(launchd.loaded()).toEqual([LABEL]);
  });

  test('drains a job for three seconds after it was booted out: it is waited for, then loaded anew', async () => {
    const { launchctl, launchd, clock } = aLaunchctl({ drainMs: 3_000 });
    await launchctl.bootstrap(LABEL, path);
    await launchctl.bootout(LABEL);
    expect(clock.now()).toBeGreaterThanOrEqual(3_000);
    expect(await launchctl.state(LABEL)).toBe('absent');
    await launchctl.bootstrap(LABEL, path);
    expect(launchd.loaded()).toEqual([LABEL]);
  });

  test('fails with 5 while another program has just booted it out: tried again until it works', async () => {
    const { launchctl, launchd } = aLaunchctl({ drainMs: 3_000 });
    await launchctl.bootstrap(LABEL, path);
    launchd.launchctl(['bootout', launchctl.target(LABEL)]);
    await launchctl.bootstrap(LABEL, path);
    expect(launchd.loaded()).toEqual([LABEL]);
    expect(launchd.asked.filter((each) => each.startsWith('bootstrap'))).toHaveLength(1 + 4);
  });

  test('never lets go of a job: that is said, after a while', async () => {
    const { launchctl } = aLaunchctl({ drainMs: 1e9 });
    await launchctl.bootstrap(LABEL, path);
    await expect(launchctl.bootout(LABEL)).rejects.toMatchObject({ code: 'not-ready' });
  });

  test('does not know the job that is to be ended: that is as good', async () => {
    await expect(aLaunchctl().launchctl.bootout(LABEL)).resolves.toBeUndefined();
  });

  test('was told to disable the label: it is known, and undone by enable', async () => {
    const { launchctl, launchd } = aLaunchctl({ disabled: [LABEL] });
    expect(await launchctl.isDisabled(LABEL)).toBe(true);
    await expect(launchctl.bootstrap(LABEL, path)).rejects.toMatchObject({ code: 'not-ready' });
    await launchctl.enable(LABEL);
    await launchctl.bootstrap(LABEL, path);
    expect(launchd.loaded()).toEqual([LABEL]);
  });

  test('was told in System Settings not to: the remedy names what to click', async () => {
    const { launchctl } = aLaunchctl({ switchedOff: true });
    await expect(launchctl.bootstrap(LABEL, path)).rejects.toMatchObject({
      code: 'not-ready',
      remedy: expect.stringContaining('Login Items'),
    });
  });

  test.each([112, 125] as const)(
    'has no session at the screen (%d): said at once, not tried five times',
    async (status) => {
      const { launchctl, launchd } = aLaunchctl({ session: false, noSessionStatus: status });
      expect(await launchctl.state(LABEL)).toBe('no-session');
      await expect(launchctl.bootstrap(LABEL, path)).rejects.toMatchObject({
        code: 'not-ready',
        remedy: expect.stringContaining('screen'),
      });
      expect(launchd.asked.filter((each) => each.startsWith('bootstrap'))).toHaveLength(1);
    },
  );
});
