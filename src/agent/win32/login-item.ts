import { join } from 'node:path';
import { startOf } from '../../computer/system-programs.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import { errorOf, runPowerShell } from '../../volume/win32/powershell.ts';
import type { AgentComputer } from '../agent-computer.ts';
import { checkProgram, diagnosis, INSTALL_AGAIN } from '../diagnosis.ts';
import { type LoginItem, NOT_INSTALLED } from '../login-item.ts';
import type { Step } from '../steps.ts';
import { programOfTask, TASK, taskText } from './task.ts';

const EXPERIMENTAL = 'The login item on Windows is experimental: nobody has seen it run yet.';

const schtasks = (...args: readonly string[]): Step => ({ kind: 'run', program: 'schtasks.exe', args });

/** Who is logged on, in the form that the Task Scheduler wants. */
function userOf({ variables }: AgentComputer): string {
  const { USERDOMAIN: domain, USERNAME: name = '' } = variables;
  return domain === undefined ? name : `${domain}\\${name}`;
}

/** The login item on Windows: a Task Scheduler task. Experimental. */
export function win32LoginItem(computer: AgentComputer): LoginItem {
  // schtasks would convert it to the console's code page, which may lack the letters of the user's own folder.
  const query = async (): Promise<string | null> => {
    const ran = await runPowerShell(
      computer.run,
      `if (Get-ScheduledTask -TaskName '${TASK}' -ErrorAction SilentlyContinue) { Export-ScheduledTask -TaskName '${TASK}' }`,
    );
    if (ran.status === 0) return ran.stdout.trim() || null;
    throw new SpacepackError('not-ready', `Expected PowerShell to show the task ${TASK}, found: ${errorOf(ran)}`);
  };
  return {
    async inspect() {
      const text = await query();
      if (text === null) return NOT_INSTALLED;
      const program = programOfTask(text);
      const known =
        program === null
          ? diagnosis('broken', `The task ${TASK} cannot be understood.`, INSTALL_AGAIN)
          : await checkProgram(program, await computer.program());
      const active = !/<Enabled>false<\/Enabled>/.test(text);
      return { installed: true, active, program, diagnoses: [known, diagnosis('note', EXPERIMENTAL)] };
    },
    async install(wish) {
      const path = join(await computer.stateDirectory(), 'agent', `${TASK}.xml`);
      const powerShell = startOf('powershell.exe', { ...computer, platform: 'win32' })?.file ?? '';
      const content = taskText(wish, userOf(computer), powerShell);
      return {
        steps: [
          { kind: 'folder', path: wish.logFolder },
          { kind: 'write', path, content, encoding: 'utf16le' },
          // Replaces a task of that name, so that it can be repeated.
          schtasks('/Create', '/TN', TASK, '/XML', path, '/F'),
        ],
        advice: [EXPERIMENTAL],
      };
    },
    async uninstall() {
      return { steps: (await query()) === null ? [] : [schtasks('/Delete', '/TN', TASK, '/F')], advice: [] };
    },
  };
}
