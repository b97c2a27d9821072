import type { Ran } from '../../computer/run-program.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { AgentComputer } from '../agent-computer.ts';
import { saidBy } from '../steps.ts';

/**
 * Whether launchd knows a job. `no-session`: this user has no session at the screen, for instance over SSH, and so no
 * login items.
 */
export type JobState = 'loaded' | 'absent' | 'no-session';

/** Exit statuses of launchctl; `launchctl error` names them. */
const NO_DOMAIN = [112, 125];
const NO_SERVICE = 113;
const NO_PROCESS = 3;
const IN_PROGRESS = 36;

/** Pauses before each further try, in ms: `bootstrap` fails while a job that was booted out is still ending. */
const PAUSES_MS = [500, 1000, 2000, 2000];
/** A job is killed 30 s after it is asked to end; in ms. */
const GONE_MS = 35_000;
const LOOK_MS = 250;

/** What to click when macOS does not start the login item. */
export const SWITCHED_OFF_REMEDY: string =
  'Open System Settings > General > Login Items & Extensions, switch on "node" (or "Node.js Foundation", or an unidentified ' +
  'developer) under "Allow in the Background", and run `spacepack agent install` again. ' +
  'This opens the page: open "x-apple.systempreferences:com.apple.LoginItems-Settings.extension"';

const NO_SESSION_REMEDY = 'Log in at the screen of this Mac, and run the command in Terminal there.';

/** The launchctl commands for the jobs of one user's session, with the waiting that they need. */
export interface Launchctl {
  readonly domain: string;
  target(label: string): string;
  state(label: string): Promise<JobState>;
  /** Whether the label was switched off manually (`launchctl disable`); that stays after the file is removed. */
  isDisabled(label: string): Promise<boolean>;
  enable(label: string): Promise<void>;
  /** Loads a job and starts it. Also resolves if it is already loaded. Rejects with `not-ready` and what to click. */
  bootstrap(label: string, path: string): Promise<void>;
  /** Ends a job; resolves when launchd has forgotten it, or if it never knew it. */
  bootout(label: string): Promise<void>;
}

function stateFrom({ status, stderr, stdout }: Ran): JobState {
  if (status === 0) return 'loaded';
  const isNoDomain = (status !== null && NO_DOMAIN.includes(status)) || /could not find domain/i.test(stderr + stdout);
  return isNoDomain ? 'no-session' : 'absent';
}

export const noSession = (): SpacepackError =>
  new SpacepackError(
    'not-ready',
    'Expected a session at the screen of this Mac, found none: this user is not logged in.',
    {
      remedy: NO_SESSION_REMEDY,
    },
  );

const notDone = (command: string, ran: Ran, remedy: string): SpacepackError =>
  new SpacepackError('not-ready', `Expected \`launchctl ${command}\` to succeed, found ${saidBy(ran)}.`, { remedy });

export function createLaunchctl({ run, clock, uid }: Pick<AgentComputer, 'run' | 'clock' | 'uid'>): Launchctl {
  const domain = `gui/${uid}`;
  const target = (label: string): string => `${domain}/${label}`;
  const call = (...args: readonly string[]): Promise<Ran> => run('launchctl', args);
  const state = async (label: string): Promise<JobState> => stateFrom(await call('print', target(label)));

  /** One try; `null` if the job is loaded now. */
  async function tryBootstrap(path: string): Promise<Ran | null> {
    const ran = await call('bootstrap', domain, path);
    if (ran.status === 0) return null;
    if (stateFrom(ran) === 'no-session') throw noSession();
    return ran;
  }

  return {
    domain,
    target,
    state,
    async isDisabled(label) {
      const { stdout } = await call('print-disabled', domain);
      // `=> true` before macOS 13, `=> disabled` since.
      const line = stdout.split('\n').find((each) => each.includes(`"${label}"`));
      return line !== undefined && /=>\s*(true|disabled)/.test(line);
    },
    async enable(label) {
      const ran = await call('enable', target(label));
      if (ran.status !== 0) throw notDone('enable', ran, SWITCHED_OFF_REMEDY);
    },
    async bootstrap(label, path) {
      let ran = await tryBootstrap(path);
      for (const pauseMs of PAUSES_MS) {
        if (ran === null) return;
        await clock.sleep(pauseMs);
        ran = await tryBootstrap(path);
      }
      // Checked last: "already loaded" has had several statuses, 5 among them, and a job that is still ending counts as
      // loaded.
      if (ran !== null && (await state(label)) !== 'loaded') throw notDone('bootstrap', ran, SWITCHED_OFF_REMEDY);
    },
    async bootout(label) {
      const ran = await call('bootout', target(label));
      if (ran.status === NO_PROCESS || ran.status === NO_SERVICE || stateFrom(ran) === 'no-session') return;
      if (ran.status !== 0 && ran.status !== IN_PROGRESS)
        throw notDone('bootout', ran, 'Log out and in, and try again.');
      const deadline = clock.now() + GONE_MS;
      while ((await state(label)) === 'loaded') {
        if (clock.now() >= deadline) throw notDone('bootout', ran, 'Log out and in, and try again.');
        await clock.sleep(LOOK_MS);
      }
    },
  };
}
