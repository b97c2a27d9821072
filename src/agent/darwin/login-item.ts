import { join } from 'node:path';
import { isThere } from '../../computer/own-disk.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { AgentComputer } from '../agent-computer.ts';
import { checkProgram, type Diagnosis, diagnosis, INSTALL_AGAIN } from '../diagnosis.ts';
import { type LoginItem, type LoginItemState, NOT_INSTALLED, type Plan, textOfItem, type Wish } from '../login-item.ts';
import { type Step, writeUnlessSame } from '../steps.ts';
import { LABEL, launchAgentText, programOfPlist } from './launch-agent.ts';
import { createLaunchctl, type JobState, type Launchctl, noSession, SWITCHED_OFF_REMEDY } from './launchctl.ts';

/** The label that Homebrew services would use. */
const HOMEBREW_LABEL = 'homebrew.mxcl.spacepack';
const HOMEBREW_REMEDY = 'Stop one of the two: brew services stop spacepack';

/** Whether launchd will start it, and if not, why: macOS itself does not say. */
async function judgeJob(launchctl: Launchctl, state: JobState): Promise<Diagnosis> {
  if (state === 'loaded') return diagnosis('good', 'launchd starts it at login, when a volume is mounted, and daily.');
  if (state === 'no-session') {
    return diagnosis('note', 'Only the session at the screen shows whether launchd starts it.');
  }
  if (await launchctl.isDisabled(LABEL)) {
    return diagnosis('broken', 'It was switched off with `launchctl disable`.', INSTALL_AGAIN);
  }
  return diagnosis(
    'broken',
    'Its file is there, but launchd does not know it: it was switched off.',
    SWITCHED_OFF_REMEDY,
  );
}

/** Login items of macOS: a LaunchAgent. */
export function darwinLoginItem(computer: AgentComputer): LoginItem {
  const launchctl = createLaunchctl(computer);
  const folder = join(computer.home, 'Library', 'LaunchAgents');
  const path = join(folder, `${LABEL}.plist`);
  const homebrew = join(folder, `${HOMEBREW_LABEL}.plist`);

  const bootout: Step = {
    kind: 'run',
    program: 'launchctl',
    args: ['bootout', launchctl.target(LABEL)],
    perform: () => launchctl.bootout(LABEL),
  };

  async function inspect(): Promise<LoginItemState> {
    const text = await textOfItem(path);
    const twice = (await isThere(homebrew))
      ? [diagnosis('broken', `Homebrew starts spacepack too: ${homebrew}.`, HOMEBREW_REMEDY)]
      : [];
    if (text === null) {
      return { ...NOT_INSTALLED, diagnoses: [...NOT_INSTALLED.diagnoses, ...twice] };
    }
    const state = await launchctl.state(LABEL);
    const program = await programOfPlist(text);
    const known =
      program === null
        ? diagnosis('broken', `${path} cannot be understood.`, INSTALL_AGAIN)
        : await checkProgram(program, await computer.program());
    const diagnoses = [await judgeJob(launchctl, state), known, ...twice];
    return { installed: true, active: state === 'loaded', program, diagnoses };
  }

  async function install(wish: Wish): Promise<Plan> {
    if (await isThere(homebrew)) {
      const found = `Expected no other login item for spacepack, found ${homebrew}.`;
      throw new SpacepackError('not-ready', found, { remedy: HOMEBREW_REMEDY });
    }
    const state = await launchctl.state(LABEL);
    if (state === 'no-session') throw noSession();
    const write = await writeUnlessSame(path, await launchAgentText(wish, computer.home));
    if (state === 'loaded' && write.length === 0) return { steps: [], advice: [] };
    const enable: Step = {
      kind: 'run',
      program: 'launchctl',
      args: ['enable', launchctl.target(LABEL)],
      perform: () => launchctl.enable(LABEL),
    };
    const bootstrap: Step = {
      kind: 'run',
      program: 'launchctl',
      args: ['bootstrap', launchctl.domain, path],
      perform: () => launchctl.bootstrap(LABEL, path),
    };
    const logs: Step = { kind: 'folder', path: wish.logFolder };
    // An override stays after its file is removed, and makes `bootstrap` fail like any other error.
    const steps = [logs, ...write, ...(state === 'loaded' ? [bootout] : []), enable, bootstrap];
    return { steps, advice: ['macOS will say once that "node" can run in the background: that is this login item.'] };
  }

  return {
    inspect,
    install,
    async uninstall() {
      const isLoaded = (await launchctl.state(LABEL)) === 'loaded';
      const remove: Step = { kind: 'remove', path };
      return { steps: [...(isLoaded ? [bootout] : []), ...((await isThere(path)) ? [remove] : [])], advice: [] };
    },
  };
}
