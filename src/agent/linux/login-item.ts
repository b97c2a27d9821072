import { join } from 'node:path';
import { isThere } from '../../computer/own-disk.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { AgentComputer } from '../agent-computer.ts';
import { checkProgram, diagnosis, INSTALL_AGAIN } from '../diagnosis.ts';
import { type LoginItem, type LoginItemState, NOT_INSTALLED, type Plan, textOfItem, type Wish } from '../login-item.ts';
import { type Step, saidBy, writeUnlessSame } from '../steps.ts';
import { RULE_PATH, udevRuleText } from './udev-rule.ts';
import { programOfUnit, SERVICE, serviceText, TIMER, timerText } from './units.ts';

const userctl = (...args: readonly string[]): Extract<Step, { kind: 'run' }> => ({
  kind: 'run',
  program: 'systemctl',
  args: ['--user', ...args],
});

const WITHOUT_RULE = 'Without a udev rule, only the timer checks devices; plugging one in starts nothing.';

/** The login item on Linux: a service and a timer of the user's systemd. */
export function linuxLoginItem(computer: AgentComputer): LoginItem {
  const configuration = computer.variables['XDG_CONFIG_HOME'] || join(computer.home, '.config');
  const folder = join(configuration, 'systemd', 'user');
  const service = join(folder, SERVICE);
  const timer = join(folder, TIMER);
  const isEnabled = async (): Promise<boolean> =>
    (await computer.run('systemctl', ['--user', 'is-enabled', TIMER])).status === 0;
  const isActive = async (): Promise<boolean> =>
    // In a chroot, systemctl ignores the command, says so on standard error, and exits with 0.
    (await computer.run('systemctl', ['--user', 'is-active', TIMER])).stdout.trim() === 'active';

  const tryTo = async (...args: readonly string[]): Promise<void> => {
    await computer.run('systemctl', ['--user', ...args]);
  };

  async function requireManager(): Promise<void> {
    const ran = await computer.run('systemctl', ['--user', 'show', '--property=Version']);
    if (ran.status === 0 && ran.stdout.startsWith('Version=')) return;
    throw new SpacepackError('not-ready', `Expected systemd to manage this user's services, found ${saidBy(ran)}.`, {
      remedy:
        "Run the command in the user's own session (not with sudo or su). Without systemd, add --by-hand, and start " +
        '`spacepack agent run --once` from cron or when your desktop logs in.',
    });
  }

  async function inspect(): Promise<LoginItemState> {
    const text = await textOfItem(service);
    if (text === null) return NOT_INSTALLED;
    const active = (await isEnabled()) && (await isActive());
    const program = programOfUnit(text);
    const started = active
      ? diagnosis('good', 'systemd starts it after login and daily.')
      : diagnosis('broken', `${TIMER} is not active.`, INSTALL_AGAIN);
    const known =
      program === null
        ? diagnosis('broken', `${service} cannot be understood.`, INSTALL_AGAIN)
        : await checkProgram(program, await computer.program());
    const rule = (await isThere(RULE_PATH))
      ? diagnosis('good', 'A udev rule starts it when a device is plugged in.')
      : diagnosis('note', WITHOUT_RULE, 'Once, as root: sudo spacepack agent install --system');
    return { installed: true, active, program, diagnoses: [started, known, rule] };
  }

  async function install(wish: Wish): Promise<Plan> {
    await requireManager();
    const units = [
      ...(await writeUnlessSame(service, serviceText(wish))),
      ...(await writeUnlessSame(timer, timerText(wish))),
    ];
    const advice = (await isThere(RULE_PATH))
      ? []
      : [
          `${WITHOUT_RULE} Once, as root: sudo spacepack agent install --system`,
          `It writes ${RULE_PATH}:`,
          udevRuleText(computer.families),
        ];
    if (units.length === 0 && (await isEnabled()) && (await isActive())) return { steps: [], advice };
    const logs: Step = { kind: 'folder', path: wish.logFolder };
    return { steps: [logs, ...units, userctl('daemon-reload'), userctl('enable', '--now', TIMER)], advice };
  }

  return {
    inspect,
    install,
    async uninstall() {
      const found = await Promise.all([service, timer].map(isThere));
      if (!found.includes(true)) return { steps: [], advice: [] };
      const remove = [timer, service].map((path): Step => ({ kind: 'remove', path }));
      // The files are removed even if this user's systemd does not answer.
      const disable = { ...userctl('disable', '--now', TIMER), perform: () => tryTo('disable', '--now', TIMER) };
      const reload = { ...userctl('daemon-reload'), perform: () => tryTo('daemon-reload') };
      return { steps: [disable, ...remove, reload], advice: [] };
    },
  };
}
