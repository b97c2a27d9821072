import { SpacepackError, toSpacepackError } from '../protocol/errors.ts';
import type { FaultCode } from '../protocol/faults.ts';
import { advance, type Event, isCommitted, type Phase, type State } from '../protocol/machine.ts';
import type { Environment } from '../volume/port.ts';
import { commit } from './commit.ts';
import { confirm } from './confirm.ts';
import type { Gathered, RunContext, RunOptions } from './context.ts';
import { depart } from './depart.ts';
import { discover } from './discover.ts';
import { createOpenedFlash } from './flash.ts';
import { identify } from './identify.ts';
import { leavingHung } from './leave-hung.ts';
import { tryRemoveLeftovers } from './leftovers.ts';
import { outcomeOf } from './outcome.ts';
import { releaseVolume } from './release.ts';
import { notice, type Outcome, type Report } from './report.ts';
import { awaitReturn } from './return.ts';
import { leaveAsFound, tellUnmounted } from './settle-mounts.ts';
import { stage } from './stage.ts';
import { forgetWhatRuns, isOutdated } from './what-runs.ts';

/** The default of `RunOptions.capMs`, in ms. */
const DEFAULT_CAP_MS = 30 * 60_000;

type GiveBack = () => Promise<void>;

interface Run extends RunContext {
  state: State;
  unlock: GiveBack | null;
  /** Resolves once a verb that was left behind has ended; `null`: none was. */
  left(): Promise<void> | null;
}

const nothingFound = (): Gathered => ({
  device: null,
  from: null,
  to: null,
  readBack: null,
  detail: null,
  before: null,
  now: null,
  readAt: { ms: 0, gaps: 0 },
  open: [],
  others: [],
  judged: null,
  isUnfinished: false,
  commitment: null,
  dealtWith: new Set(),
  ownMounts: [],
  unmounted: new Set(),
});

function begin(environment: Environment, options: RunOptions): Run {
  const { clock, locks } = environment;
  const capMs = options.capMs ?? DEFAULT_CAP_MS;
  let capAt = clock.now() + capMs;
  let held: { readonly mountId: string; readonly letGo: GiveBack } | null = null;
  const { volumes, left } = leavingHung(environment.volumes, clock, {
    signal: () => run.signal(),
    error: () => calledOff('and not waiting for a volume that does not answer'),
  });
  // Once the record exists, the trigger may be there, whatever is known about it: calling off has no effect any more.
  const isDecided = (): boolean =>
    isCommitted(run.state) || (run.state.phase === 'commit' && run.findings.open.length > 0);
  const calledOff = (how: string): SpacepackError =>
    new SpacepackError(
      isDecided() ? 'abandoned' : 'interrupted',
      `Called off during ${run.state.phase}${how && `, ${how}`}.`,
    );
  const run: Run = {
    environment: { ...environment, volumes },
    left,
    options,
    family: options.target.family,
    findings: nothingFound(),
    state: { phase: 'discover', round: 1 },
    unlock: null,
    async lock(name) {
      run.unlock ??= await locks.acquire(name);
    },
    async hold(volume) {
      if (held?.mountId === volume.mount.id) return;
      await run.letGo();
      held = { mountId: volume.mount.id, letGo: await volumes.hold(volume) };
    },
    async letGo() {
      const { letGo } = held ?? {};
      held = null;
      await letGo?.();
    },
    flash: createOpenedFlash(environment.flash),
    signal: () => (isDecided() ? options.abandon : options.cancel),
    throwIfCalledOff() {
      if (run.signal()?.aborted) throw calledOff('');
    },
    check() {
      run.throwIfCalledOff();
      if (clock.now() < capAt) return;
      throw new SpacepackError(
        isCommitted(run.state) ? 'timed-out' : 'not-in-time',
        `Expected to end within ${capMs} ms (--timeout), found ${run.state.phase} still going on.`,
      );
    },
    excuse(ms) {
      capAt += ms;
    },
  };
  return run;
}

async function* step(run: Run): AsyncGenerator<Report, Event> {
  const { state } = run;
  switch (state.phase) {
    case 'discover':
      return yield* discover(run);
    case 'identify':
      return yield* identify(run, state);
    case 'stage':
      return yield* stage(run, state);
    case 'commit':
      return yield* commit(run, state);
    case 'release':
      return yield* releaseVolume(run, state);
    case 'depart':
      return yield* depart(run, state);
    case 'return':
      return awaitReturn(run, state);
    case 'confirm':
      return yield* confirm(run, state);
    case 'done':
      throw new TypeError('there is no step after the end');
  }
}

/** How long a phase usually takes, in ms. */
function expectedMs({ state, family }: Run): number {
  switch (state.phase) {
    case 'depart':
      return state.volume === null ? state.pending.timing.quietMs : state.pending.timing.quietDirtyMs;
    case 'return':
      return Math.min(family.usualAwayMs, state.pending.timing.maxAwayMs);
    default:
      return 500;
  }
}

/** Leaves no payload behind after a fault before the commit, if the volume still answers. */
async function* withdraw(run: Run, { code }: SpacepackError): AsyncGenerator<Report, void> {
  const { state, findings } = run;
  if (findings.open.length > 0 || (state.phase !== 'stage' && state.phase !== 'commit')) return;
  // The payload that is there may be the other run's.
  if (code === 'volume-gone' || code === 'volume-stalled' || code === 'device-locked' || code === 'device-busy') return;
  if ((await tryRemoveLeftovers(run, state.device.volume)) !== null) return;
  const message = 'The payload could not be removed from the volume; it is inert, and the next run removes it.';
  yield notice('leftover-kept', message);
}

/** An update that could not be started over has ended as it was judged. */
function endOf({ findings }: Run, error: SpacepackError): FaultCode | SpacepackError {
  if (findings.judged === null || findings.open.length > 0) return error;
  findings.detail = `Starting over was safe, but not possible: ${error.message}`;
  return findings.judged;
}

/** Gives back all that the run holds, whatever happened. A failure changes nothing. */
async function giveBack(run: Run): Promise<void> {
  for (const back of [run.flash.close, run.letGo, () => leaveAsFound(run), async () => run.unlock?.()]) {
    await back().catch((thrown: unknown) => {
      if (!(thrown instanceof SpacepackError)) throw thrown;
    });
  }
}

/**
 * Does one job on one device and returns how it ended. Never throws for anything that happens to the device or its
 * volume: that is the outcome. One engine for every family and every system: it cannot ask which one it serves.
 */
export async function* runJob(environment: Environment, options: RunOptions): AsyncGenerator<Report, Outcome> {
  const startedAt = environment.clock.now();
  const run = begin(environment, options);
  let told: Phase | null = null;
  let end: FaultCode | SpacepackError;
  let isFollowed = false;
  try {
    while (run.state.phase !== 'done') {
      const { phase, round } = run.state;
      const committed = isCommitted(run.state);
      const { device, open } = run.findings;
      if (phase !== told) {
        const inDoubt = committed || phase === 'commit' || open.length > 0;
        yield { type: 'phase', phase, round, device, expectedMs: expectedMs(run), committed, inDoubt };
      }
      told = phase;
      // After the commit, the cap ends the run only after a look.
      if (committed) run.throwIfCalledOff();
      else run.check();
      run.state = advance(run.state, yield* step(run));
    }
    end = run.state.code;
  } catch (thrown) {
    const error = toSpacepackError(thrown);
    isFollowed = isCommitted(run.state);
    if (!isFollowed) yield* withdraw(run, error);
    end = endOf(run, error);
  } finally {
    // A verb that was left behind may still write, so others are kept away until it has ended.
    const left = run.left();
    if (left === null) await giveBack(run);
    else void left.then(() => giveBack(run));
  }
  const unmounted = await tellUnmounted(run);
  if (unmounted !== null) yield unmounted;
  const isLocked = run.unlock !== null;
  if ((end instanceof SpacepackError || !isLocked) && isOutdated(run, isLocked)) forgetWhatRuns(run);
  return outcomeOf(run, end, environment.clock.now() - startedAt, isFollowed);
}
