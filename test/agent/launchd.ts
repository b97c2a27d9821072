import { readFileSync } from 'node:fs';
import type { Clock } from '../../src/computer/clock.ts';
import type { Ran } from '../../src/computer/run-program.ts';
import { ran } from './a-computer.ts';

/** A job as launchd knows it. */
interface Job {
  readonly path: string;
  readonly args: readonly string[];
  /** Until when it drains after it was booted out, in ms of the clock; `null`: loaded. */
  drainsUntil: number | null;
}

export interface Manners {
  readonly uid?: number;
  /** `false`: nobody is logged in at the screen. The statuses differ between systems: 112 and 125 have been seen. */
  readonly session?: boolean;
  readonly noSessionStatus?: 112 | 125;
  /** How long a job that was booted out lingers, in ms. */
  readonly drainMs?: number;
  /** Labels that were switched off with `launchctl disable`. */
  readonly disabled?: readonly string[];
  /** Switched off in System Settings > Login Items: nothing is loaded, and nothing says why. */
  readonly switchedOff?: boolean;
  /** Runs what a job runs when it is loaded. */
  readonly spawn?: (args: readonly string[]) => void;
}

/** The part of launchd that launchctl shows. */
export interface Launchd {
  /** What `launchctl` answers. */
  launchctl(args: readonly string[]): Ran;
  /** Every command, in order. */
  readonly asked: string[];
  loaded(): readonly string[];
}

const textBetween = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';

/** Read by the plainest means: this side shares no parser with what wrote the file. */
function readJob(path: string): { readonly label: string; readonly args: readonly string[]; readonly runs: boolean } {
  const text = readFileSync(path, 'utf8');
  const args = textBetween(text, /<key>ProgramArguments<\/key>\s*<array>([\s\S]*?)<\/array>/);
  return {
    label: textBetween(text, /<key>Label<\/key>\s*<string>([^<]*)<\/string>/),
    args: [...args.matchAll(/<string>([^<]*)<\/string>/g)].map(([, word = '']) => word),
    runs: /<key>RunAtLoad<\/key>\s*<true\/>/.test(text),
  };
}

/** A launchd with the habits that were seen on real ones, at the given clock. */
export function createLaunchd(clock: Clock, manners: Manners = {}): Launchd {
  const { uid = 501, session = true, noSessionStatus = 112, drainMs = 0, switchedOff = false } = manners;
  const jobs = new Map<string, Job>();
  const disabled = new Set(manners.disabled);
  const asked: string[] = [];
  const domain = `gui/${uid}`;
  const failed = (status: number, what: string): Ran => ran(status, '', `${what}\n`);
  const labelOf = (target = ''): string => target.slice(domain.length + 1);
  const present = (label: string): Job | undefined => {
    const job = jobs.get(label);
    if (job?.drainsUntil != null && clock.now() >= job.drainsUntil) jobs.delete(label);
    return jobs.get(label);
  };

  function bootstrap(path = ''): Ran {
    const { label, args, runs } = readJob(path);
    const isRefused = disabled.has(label) || switchedOff || present(label)?.drainsUntil != null;
    if (isRefused) return failed(5, 'Bootstrap failed: 5: Input/output error');
    if (present(label)) return failed(37, 'Bootstrap failed: 37: Operation already in progress');
    jobs.set(label, { path, args, drainsUntil: null });
    if (runs) manners.spawn?.(args);
    return ran(0);
  }
  function bootout(label: string): Ran {
    const job = present(label);
    if (job === undefined) return failed(3, 'Boot-out failed: 3: No such process');
    job.drainsUntil = clock.now() + drainMs;
    return drainMs > 0 ? failed(36, 'Boot-out failed: 36: Operation now in progress') : ran(0);
  }
  function print(label: string): Ran {
    if (present(label)) return ran(0, `${domain}/${label} = {\n\tstate = not running\n\tlast exit code = 0\n}\n`);
    return failed(113, `Could not find service "${label}" in domain for user gui: ${uid}`);
  }
  function answer(verb: string, first = '', second = ''): Ran {
    if (verb === 'print-disabled') {
      const lines = [...disabled].map((label) => `\t\t"${label}" => disabled`);
      return ran(0, `\n\tdisabled services = {\n${lines.join('\n')}\n\t}\n`);
    }
    if (!session || !first.startsWith(domain)) {
      const why = { 112: 'Could not find domain for user gui', 125: 'Domain does not support specified action' };
      return failed(noSessionStatus, why[noSessionStatus]);
    }
    switch (verb) {
      case 'bootstrap':
        return bootstrap(second);
      case 'bootout':
        return bootout(labelOf(first));
      case 'print':
        return print(labelOf(first));
      case 'enable':
        disabled.delete(labelOf(first));
        return ran(0);
      case 'disable':
        disabled.add(labelOf(first));
        return ran(0);
      default:
        return failed(64, `Unrecognized subcommand: ${verb}`);
    }
  }
  return {
    asked,
    launchctl(args) {
      asked.push(args.join(' '));
      const [verb = '', first, second] = args;
      return answer(verb, first, second);
    },
    loaded: () => [...jobs.keys()].filter((label) => present(label)?.drainsUntil === null),
  };
}
