import { join } from 'node:path';
import { SpacepackError } from '../../protocol/errors.ts';
import { isDictionary, parsePropertyList } from '../../volume/darwin/property-list.ts';
import type { OwnProgram } from '../agent-computer.ts';
import { LAUNCHD_LOG } from '../log.ts';
import { RUN_ARGUMENTS, type Wish } from '../login-item.ts';

/** The file of a job must be called LABEL.plist. */
export const LABEL = 'io.github.spacepack.agent';
/** The job that only finds out what launchd jobs may read. */
export const PROBE_LABEL = 'io.github.spacepack.probe';

/** Files that launchd creates for us are for their owner only. */
const UMASK = 0o077;
/** When the person logs out, the time that a committed update has to find out how it ended; in s. */
const EXIT_TIMEOUT_S = 30;

interface Job {
  readonly label: string;
  readonly program: OwnProgram;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly home: string;
  readonly logFolder: string;
}

/** What all our jobs have in common: started at once, in the session at the screen, never restarted automatically. */
function commonKeys({ label, program, args, variables, home, logFolder }: Job): Record<string, PlistValue> {
  const log = join(logFolder, LAUNCHD_LOG);
  return {
    Label: label,
    ProgramArguments: [program.node, program.script, ...args],
    RunAtLoad: true,
    LimitLoadToSessionType: 'Aqua',
    // `Background` would slow down writing a payload.
    ProcessType: 'Standard',
    ExitTimeOut: EXIT_TIMEOUT_S,
    Umask: UMASK,
    WorkingDirectory: home,
    StandardOutPath: log,
    StandardErrorPath: log,
    ...(Object.keys(variables).length > 0 && { EnvironmentVariables: { ...variables } }),
  };
}

type PlistValue = string | number | boolean | string[] | { [key: string]: string };

/** XML has no way to write these, so launchd would refuse the file, or read another path. */
const NOT_IN_XML = /[\p{Cc}\p{Cs}\ufffe\uffff]/u;

/** Rejects with `not-ready` for a text that a property list cannot hold. */
async function build(keys: Record<string, PlistValue>): Promise<string> {
  const { build: buildPropertyList } = await import('plist');
  const texts = Object.values(keys).flatMap((value) => (typeof value === 'object' ? Object.values(value) : value));
  const bad = texts.find((text) => NOT_IN_XML.test(String(text)));
  if (bad !== undefined) {
    const found = JSON.stringify(bad);
    throw new SpacepackError('not-ready', `Expected paths without control characters for launchd, found ${found}.`, {
      remedy: 'Move or rename it, and repeat the command.',
    });
  }
  return `${buildPropertyList(keys)}\n`;
}

/**
 * The property list of the login item: started at login, whenever a volume is mounted, and every `wish.hours` hours. A mount
 * during a run starts it once more afterwards, so a run that does nothing must not mount anything (`AgentWorld.mounts`).
 */
export function launchAgentText(wish: Wish, home: string): Promise<string> {
  const job = { ...wish, label: LABEL, args: RUN_ARGUMENTS, home };
  return build({ ...commonKeys(job), StartOnMount: true, StartInterval: wish.hours * 3600, ThrottleInterval: 10 });
}

/** The property list of a job that runs `agent probe` once and leaves its finding in a file. */
export function probeJobText(wish: Wish, home: string, findingPath: string): Promise<string> {
  return build(
    commonKeys({ ...wish, label: PROBE_LABEL, args: ['agent', 'probe', '--write', findingPath, '--quiet'], home }),
  );
}

/** What our property list starts; `null` if it cannot be understood. */
export async function programOfPlist(text: string): Promise<OwnProgram | null> {
  const value = await parsePropertyList(text);
  const args: unknown = isDictionary(value) ? value['ProgramArguments'] : null;
  const [node, script]: readonly unknown[] = Array.isArray(args) ? args : [];
  return typeof node === 'string' && typeof script === 'string' ? { node, script } : null;
}
