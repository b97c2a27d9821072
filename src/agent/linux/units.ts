import type { OwnProgram } from '../agent-computer.ts';
import { RUN_ARGUMENTS, type Wish } from '../login-item.ts';

/** The unit that runs once, and the timer that starts it. */
export const SERVICE = 'spacepack-agent.service';
export const TIMER = 'spacepack-agent.timer';

const hexByte = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** A word of a unit file (systemd.syntax(7), "Quoting"; systemd.unit(5), "Specifiers"). */
function unitWord(word: string): string {
  return `"${word
    .replace(/[\\"]/g, '\\$&')
    .replace(/[\0-\x1f\x7f]/g, hexByte)
    .replaceAll('%', '%%')}"`;
}

/** An argument of a command, in which systemd would replace variables too (systemd.service(5), "Command lines"). */
const argument = (word: string): string => unitWord(word).replaceAll('$', '$$$$');

/** systemd refuses a program whose path has one of these, however it is quoted, so a shell starts it. */
const NOT_IN_PROGRAM = /[\\"'\0-\x1f\x7f]/;
const SHELL = ['/bin/sh', '-c', 'exec "$0" "$@"'] as const;

/** The line that runs a command. In the path of its program, other than in the arguments, a `$` is itself. */
function commandLine(program: string, ...args: readonly string[]): string {
  if (NOT_IN_PROGRAM.test(program)) return commandLine(...SHELL, program, ...args);
  return [unitWord(program), ...args.map(argument)].join(' ');
}

/**
 * The service: one run, then it ends. No sandboxing beyond NoNewPrivileges: other options give the process its own
 * mounts, and it would not see the device's.
 */
export function serviceText({ program, variables }: Wish): string {
  const environment = Object.entries(variables).map(([name, value]) => `Environment=${unitWord(`${name}=${value}`)}`);
  return [
    '[Unit]',
    'Description=Keep SpacePacks up to date',
    'Documentation=man:systemd.service(5)',
    '',
    '[Service]',
    'Type=oneshot',
    `ExecStart=${commandLine(program.node, program.script, ...RUN_ARGUMENTS)}`,
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

/** What a quoted word means; `isProgram`: a `$` in it is itself. */
function meaningOf(quoted: string, isProgram: boolean): string {
  return quoted.replace(/\\x([0-9a-f]{2})|\\(.)|%%|\$\$/g, (found, hex?: string, character?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (found === '$$' && isProgram) return found;
    return character ?? found.slice(1);
  });
}

/** What our service starts; `null` if it cannot be understood. */
export function programOfUnit(text: string): OwnProgram | null {
  const command = /^ExecStart=([^\n]*)/m.exec(text)?.[1] ?? '';
  const words = [...command.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, word = ''], at) => meaningOf(word, at === 0));
  const isByShell = SHELL.every((word, at) => words[at] === word);
  const [node, script] = isByShell ? words.slice(SHELL.length) : words;
  return node === undefined || script === undefined ? null : { node, script };
}
