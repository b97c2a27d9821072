import { sideBySide } from '../../devices/update.ts';
import type { Outcome, Report } from '../../engine/report.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import { FAULTS, type FaultCode } from '../../protocol/faults.ts';
import type { Interrupts } from '../io/interrupts.ts';
import type { CliEvent } from '../talk/events.ts';
import { type Result, resultOf, resultOfOutcome } from '../talk/result.ts';
import type { Speaker } from '../talk/speaker.ts';
import { withAccepted } from './accepted.ts';

export const timeoutOption = {
  timeout: {
    type: 'number',
    requiresArg: true,
    describe: 'The longest that the whole run may take, in seconds (default 1800)',
  },
} as const;

/** The cap of a run in ms, from `--timeout` or the settings. Throws `usage`. */
export function capOf(timeout: number | undefined, fallbackSeconds: number | null): { readonly capMs?: number } {
  const seconds = timeout ?? fallbackSeconds;
  if (seconds === null) return {};
  if (!(seconds > 0)) throw new SpacepackError('usage', 'Expected --timeout to be a number of seconds above 0.');
  return { capMs: seconds * 1000 };
}

/** A run on one device, and what to call the device until its serial is known. */
export interface DeviceRun {
  readonly device: string;
  readonly reports: AsyncGenerator<Report, Outcome>;
}

/** What a run on a device reports, as an event. */
export function reportEvent(report: Report, device: string): CliEvent {
  switch (report.type) {
    case 'phase': {
      const { phase, round, expectedMs } = report;
      return { event: 'phase', device, phase, round, expectedMs };
    }
    case 'progress': {
      const { step, doneBytes, totalBytes } = report;
      return { event: 'progress', device, step, doneBytes, totalBytes };
    }
    case 'notice':
      return { event: 'notice', device, code: report.code, message: report.message };
  }
}

/** The result of a hung run that a second Ctrl-C leaves behind. `isInDoubt`: its trigger may have arrived. */
export function resultOfLeft(device: string, isInDoubt: boolean): Result {
  const code = isInDoubt ? 'abandoned' : 'interrupted';
  const left = isInDoubt
    ? 'Called off by a second Ctrl-C before it was known whether the update is committed.'
    : 'Called off by a second Ctrl-C. A partly written payload has no effect, and the next run removes it.';
  return resultOf(code, { device, message: `${FAULTS[code].meaning} ${left}`, oldFirmware: 'unknown' });
}

/** The result of a run that nothing could end any more; `isOpen`: its trigger has or may have arrived. */
function resultOfStranded(device: string, isOpen: boolean, found: unknown): Result {
  const code = isOpen ? 'lost-track' : 'unexpected';
  return resultOf(code, { device, message: `${FAULTS[code].meaning} ${messageOf(found)}`, oldFirmware: 'unknown' });
}

/**
 * Follows runs side by side, passes on everything that they report, and resolves with the result of each, in the order
 * of the runs; `accepted`: codes that `--accept` names. A run that is left behind goes on until this process ends, which is soon.
 */
export async function follow(
  runs: readonly DeviceRun[],
  { speaker, interrupts }: { readonly speaker: Speaker; readonly interrupts: Interrupts },
  accepted: readonly FaultCode[] = [],
): Promise<readonly Result[]> {
  const devices = runs.map(({ device }) => device);
  const committed = new Set<number>();
  const doubtful = new Set<number>();
  const results: Result[] = [];
  const finish = (run: number, ended: Result): void => {
    const result = withAccepted(ended, accepted);
    committed.delete(run);
    results[run] = result;
    speaker.tell({ event: 'finished', ...result });
  };
  let found: unknown;
  const left = new Promise<null>((leave) => {
    interrupts.engage({
      committed: () => devices.filter((_, run) => committed.has(run)),
      leave: (stranded) => {
        found = stranded;
        leave(null);
      },
    });
  });

  function enter(run: number, isCommitted: boolean): void {
    const wasCommitted = committed.has(run);
    if (isCommitted) committed.add(run);
    else committed.delete(run);
    if (!interrupts.cancel.aborted || wasCommitted || !isCommitted) return;
    const message = 'Too late to call it off: the update is committed. Press Ctrl-C again to stop watching it.';
    speaker.tell({ event: 'notice', device: devices[run] ?? null, code: 'too-late', message });
  }

  const reported = sideBySide(runs.map(({ reports }) => reports));
  for (;;) {
    const next = await Promise.race([reported.next(), left]);
    if (next === null || next.done) break;
    const told = next.value;
    const { run } = told;
    if ('outcome' in told) {
      finish(run, resultOfOutcome(told.outcome, devices[run] ?? ''));
      continue;
    }
    const { report } = told;
    speaker.tell(reportEvent(report, devices[run] ?? ''));
    if (report.type !== 'phase') continue;
    if (report.inDoubt) doubtful.add(run);
    else doubtful.delete(run);
    enter(run, report.committed);
  }
  for (const [run, device] of devices.entries()) {
    if (results[run] !== undefined) continue;
    const isOpen = committed.has(run) || doubtful.has(run);
    finish(run, found === undefined ? resultOfLeft(device, isOpen) : resultOfStranded(device, isOpen, found));
  }
  return results;
}
