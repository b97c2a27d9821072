import { quoted, unquoted } from '../../volume/win32/powershell.ts';
import { escapeXml, unescapeXml } from '../../volume/win32/xml.ts';
import type { OwnProgram } from '../agent-computer.ts';
import { RUN_ARGUMENTS, type Wish } from '../login-item.ts';

/** As the Task Scheduler lists it. */
export const TASK = 'spacepack-agent';

/** One command line that opens no window; node alone would open one. */
function argumentsOf({ program, variables }: Wish): string {
  const settings = Object.entries(variables).map(([name, value]) => `$env:${name} = ${quoted(value)}; `);
  const words = [program.node, program.script, ...RUN_ARGUMENTS].map(quoted).join(' ');
  return `-NoProfile -NonInteractive -WindowStyle Hidden -Command "${settings.join('')}& ${words}; exit $LASTEXITCODE"`;
}

/**
 * The task: at the user's logon, and then every `wish.hours` hours (Task Scheduler schema 1.2). Runs as this user,
 * without extra rights. `powerShell` is the path of the system's own.
 */
export function taskText(wish: Wish, user: string, powerShell: string): string {
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Keeps SpacePacks up to date</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Repetition>
        <Interval>PT${wish.hours}H</Interval>
      </Repetition>
      <Enabled>true</Enabled>
      <UserId>${escapeXml(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${escapeXml(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>false</AllowHardTerminate>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT1H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escapeXml(powerShell)}</Command>
      <Arguments>${escapeXml(argumentsOf(wish))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** What our task starts; `null` if it cannot be understood. */
export function programOfTask(text: string): OwnProgram | null {
  const command = unescapeXml(/<Arguments>([^<]*)<\/Arguments>/.exec(text)?.[1] ?? '');
  const words = /& '((?:[^']|'')*)' '((?:[^']|'')*)'/.exec(command);
  const [node, script] = (words ?? []).slice(1).map(unquoted);
  return node === undefined || script === undefined ? null : { node, script };
}
