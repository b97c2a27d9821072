import type { Job, RunOptions, Target } from '../engine/context.ts';
import type { Outcome, Report } from '../engine/report.ts';
import { runJob } from '../engine/run.ts';
import type { UpdateImage } from '../protocol/image-facts.ts';
import type { Environment } from '../volume/port.ts';

export type RunLimits = Pick<RunOptions, 'dryRun' | 'capMs' | 'cancel' | 'abandon'>;

/** Installs an image on one device; yields what happens and returns how it ended. */
export function update(
  environment: Environment,
  target: Target,
  image: UpdateImage,
  options: RunLimits & { readonly allowDowngrade?: boolean } = {},
): AsyncGenerator<Report, Outcome> {
  const { allowDowngrade = false, ...limits } = options;
  const job: Job = { kind: 'install', image, read: image.read, allowDowngrade };
  return runJob(environment, { ...limits, target, job });
}

/** Compares what a device holds with an image; writes nothing, neither to it nor on this computer. */
export function compareDevice(
  environment: Environment,
  target: Target,
  image: UpdateImage,
  limits: Omit<RunLimits, 'dryRun'> = {},
): AsyncGenerator<Report, Outcome> {
  const job: Job = { kind: 'install', image, read: image.read, allowDowngrade: true };
  return runJob(environment, { ...limits, target, job, dryRun: true, compareOnly: true });
}

/** Makes a device leave and come back, which proves the whole path and changes nothing. */
export function ping(
  environment: Environment,
  target: Target,
  limits: RunLimits = {},
): AsyncGenerator<Report, Outcome> {
  return runJob(environment, { ...limits, target, job: { kind: 'ping' } });
}

/** Drives a run to its end: passes on each report, and resolves with the outcome. */
export async function finish(
  run: AsyncGenerator<Report, Outcome>,
  onReport: (report: Report) => void = () => {},
): Promise<Outcome> {
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
    onReport(value);
  }
}

/** A report of one of several runs, told apart by their index. */
export type SideBySide =
  | { readonly run: number; readonly report: Report }
  | { readonly run: number; readonly outcome: Outcome };

/**
 * Runs several side by side and yields their reports as they come, each run's outcome last. If the caller stops early,
 * all runs stop: each gives back what it holds at its next report, and this waits for that.
 */
export async function* sideBySide(runs: readonly AsyncGenerator<Report, Outcome>[]): AsyncGenerator<SideBySide, void> {
  const next = (run: number) =>
    runs[run]
      ?.next()
      .then((result): SideBySide => (result.done ? { run, outcome: result.value } : { run, report: result.value }));
  const waiting = new Map(runs.map((_, run) => [run, next(run)]));
  try {
    while (waiting.size > 0) {
      const told = await Promise.race(waiting.values());
      if (told === undefined) return;
      if ('outcome' in told) waiting.delete(told.run);
      else waiting.set(told.run, next(told.run));
      yield told;
    }
  } finally {
    await Promise.allSettled(runs.map((run) => run.return(undefined as never)));
  }
}
