import type { OwnProgram } from '../agent-computer.ts';
import { RUN_ARGUMENTS, type Wish } from '../login-item.ts';

/** The unit that runs once, and the timer that starts it. */
export const SERVICE = 'spacepack-agent.service';
export const TIMER = 'spacepack-agent.timer';

/** A word of a unit file (systemd.syntax(7), "Quoting"): with backslashes, quotes, specifiers and variables escaped. */
function unitWord(word: string, isCommand: boolean): string {
  const escaped = word
    .replace(/[\\"]/g, (character) => `\\${character}`)
    .replace(/[\n\t]/g, (character) => (character === '\n' ? '\\n' : '\\t'))
    .replace(/%/g, '%%');
  return `"${isCommand ? escaped.replace(/\$/g, '$$$$') : escaped}"`;
}

/**
 * The service: one run, then it ends. No sandboxing beyond NoNewPrivileges: other options give the process its own
 * mounts, and it would not see the device's.
 */
export function serviceText({ program, variables }: Wish): string {
  const command = [program.node, program.script, ...RUN_ARGUMENTS].map((word) => unitWord(word, true)).join(' ');
  const environment = Object.entries(variables).map(
    ([name, value]) => `Environment=${unitWord(`${name}=${value}`, false)}`,
  );
  return [
    '[Unit]',
    'Description=Keep SpacePacks up to date',
    'Documentation=man:systemd.service(5)',
    '',
    '[Service]',
    'Type=oneshot',
    `ExecStart=${command}`,
    ...environment,
    'NoNewPrivileges=yes',
    'UMask=0077',
    // Longer than a device may be away (protocol §4.2) and than a person may take to answer.
    'TimeoutStartSec=45min',
    '',
  ].join('\n');
}

/** The timer: soon after login, and then `hours` after the last run. */
export function timerText({ hours }: Wish): string {
  return [
    '[Unit]',
    'Description=Look for new firmware for SpacePacks',
    '',
    '[Timer]',
    'OnStartupSec=1min',
    `OnUnitInactiveSec=${hours}h`,
    `Unit=${SERVICE}`,
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n');
}

/** What our service starts; `null` if it cannot be understood. */
export function programOfUnit(text: string): OwnProgram | null {
  const command = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? '';
  const words = [...command.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, word = '']) =>
    word
      .replace(/\$\$/g, '$')
      .replace(/%%/g, '%')
      .replace(/\\(.)/g, (_, character: string) => ({ n: '\n', t: '\t' })[character] ?? character),
  );
  const [node, script] = words;
  return node === undefined || script === undefined ? null : { node, script };
}
