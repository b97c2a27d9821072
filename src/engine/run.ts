import { SpacepackError, toSpacepackError } from '../protocol/errors.ts';
import { advance, type Event, isCommitted, type Phase, type State } from '../protocol/machine.ts';
import type { Environment } from '../volume/port.ts';
import { commit } from './commit.ts';
import { confirm } from './confirm.ts';
import type { Context, Findings, RunOptions } from './context.ts';
import { depart } from './depart.ts';
import { discover } from './discover.ts';
import { identify } from './identify.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { outcomeOf } from './outcome.ts';
import { release } from './release.ts';
import type { Outcome, Report } from './report.ts';
import { awaitReturn } from './return.ts';
import { isTarget, mountedControlVolume } from './sighting.ts';
import { stage } from './stage.ts';

/** Most time for a whole run where none is given, in ms. */
const DEFAULT_CAP_MS = 30 * 60_000;

interface Run extends Context {
  state: State;
  unlock: (() => Promise<void>) | null;
}

function begin(environment: Environment, options: RunOptions): Run {
  const { clock, locks } = environment;
  const capMs = options.capMs ?? DEFAULT_CAP_MS;
  const capAt = clock.now() + capMs;
  const findings: Findings = {
    device: null,
    from: null,
    to: null,
    readBack: null,
    detail: null,
    ownMount: false,
  };
  const run: Run = {
    environment,
    options,
    profile: options.target.profile,
    findings,
    state: { phase: 'discover', round: 1 },
    unlock: null,
    async lock(serial) {
      run.unlock ??= await locks.acquire(serial);
    },
    signal: () => (isCommitted(run.state) ? options.abandon : options.cancel),
    check() {
      const committed = isCommitted(run.state);
      if (run.signal()?.aborted) {
        throw new SpacepackError(committed ? 'abandoned' : 'interrupted', `Called off during ${run.state.phase}.`);
      }
      if (clock.now() >= capAt) {
        const code = committed ? 'timed-out' : 'not-in-time';
        throw new SpacepackError(
          code,
          `Expected to end within ${capMs} ms (--timeout), found ${run.state.phase} still going on.`,
        );
      }
    },
  };
  return run;
}

async function* step(run: Run): AsyncGenerator<Report, Event> {
  const { state } = run;
  switch (state.phase) {
    case 'discover':
      return discover(run);
    case 'identify':
      return yield* identify(run, state);
    case 'stage':
      return yield* stage(run, state);
    case 'commit':
      return yield* commit(run, state);
    case 'release':
      return yield* release(run, state);
    case 'depart':
      return depart(run, state);
    case 'return':
      return awaitReturn(run, state);
    case 'confirm':
      return yield* confirm(run, state);
    case 'done':
      throw new TypeError('there is no step after the end');
  }
}

/** How long a phase usually takes, in ms. */
function expectedMs({ state, profile }: Run): number {
  switch (state.phase) {
    case 'depart':
      return state.volume === null ? state.pending.timing.quietMs : state.pending.timing.quietDirtyMs;
    case 'return':
      return Math.min(profile.usualAwayMs, state.pending.timing.maxAwayMs);
    default:
      return 500;
  }
}

/** Before the commit a fault leaves no payload behind, if the volume still answers. */
async function* withdraw(run: Run, { code }: SpacepackError): AsyncGenerator<Report, void> {
  const { state } = run;
  if (state.phase !== 'stage' && state.phase !== 'commit') return;
  if (code === 'volume-gone' || code === 'volume-stalled') return;
  if ((await tryRemoveLeftovers(run, state.device.volume)) === null) {
    yield {
      type: 'notice',
      code: 'leftover-kept',
      message: 'The payload could not be removed from the volume; it is inert, and the next run removes it.',
    };
  }
}

/** Leaves a volume that we mounted ourselves as it was found: unmounted. */
async function leaveAsFound({ environment, options, findings }: Run): Promise<void> {
  if (!findings.ownMount) return;
  try {
    for (const drive of (await environment.volumes.list()).filter((candidate) => isTarget(options.target, candidate))) {
      const volume = mountedControlVolume(drive);
      if (volume !== null) await environment.volumes.release(volume);
    }
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
  }
}

/**
 * Does one job on one device and says how it ended. Never throws for anything that happens to the device or its volume: that is
 * the outcome. One engine for every family and every system: it cannot ask which it serves.
 */
export async function* runJob(environment: Environment, options: RunOptions): AsyncGenerator<Report, Outcome> {
  const startedAt = environment.clock.now();
  const run = begin(environment, options);
  let told: Phase | null = null;
  try {
    while (run.state.phase !== 'done') {
      const { phase, round } = run.state;
      if (phase !== told)
        yield { type: 'phase', phase, round, device: run.findings.device, expectedMs: expectedMs(run) };
      told = phase;
      run.check();
      run.state = advance(run.state, yield* step(run));
    }
    return outcomeOf(run.findings, run.state.code, environment.clock.now() - startedAt);
  } catch (thrown) {
    const error = toSpacepackError(thrown);
    const committed = isCommitted(run.state);
    if (!committed) yield* withdraw(run, error);
    return outcomeOf(run.findings, error, environment.clock.now() - startedAt, committed);
  } finally {
    await leaveAsFound(run);
    await run.unlock?.();
  }
}
