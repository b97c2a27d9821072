import type { Outcome, Report } from '../engine/report.ts';
import { sideBySide } from '../update.ts';
import { endOfOutcome } from './end.ts';
import type { CliEvent, End } from './events.ts';
import type { Interrupts } from './interrupts.ts';
import type { Speaker } from './speaker.ts';

/** A run on one device, and what to call the device until its serial is known. */
export interface DeviceRun {
  readonly device: string;
  readonly reports: AsyncGenerator<Report, Outcome>;
}

/** What a run on a device reports, as an event. */
export function eventOf(report: Report, device: string): CliEvent {
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

/** Runs side by side, tells all that they report, and gives how each ended, in the order of the runs. */
export async function follow(
  runs: readonly DeviceRun[],
  { speaker, interrupts }: { readonly speaker: Speaker; readonly interrupts: Interrupts },
): Promise<readonly End[]> {
  const devices = runs.map(({ device }) => device);
  const committed = new Set<number>();
  const ends: End[] = [];
  interrupts.engage({ committed: () => devices.filter((_, run) => committed.has(run)) });

  function enter(run: number, isCommitted: boolean): void {
    const wasCommitted = committed.has(run);
    if (isCommitted) committed.add(run);
    else committed.delete(run);
    if (!interrupts.cancel.aborted || wasCommitted || !isCommitted) return;
    const message = 'Too late to call it off: the update is committed. Press Ctrl-C again to stop watching it.';
    speaker.tell({ event: 'notice', device: devices[run] ?? null, code: 'too-late', message });
  }

  for await (const told of sideBySide(runs.map(({ reports }) => reports))) {
    const { run } = told;
    if ('outcome' in told) {
      const end = endOfOutcome(told.outcome, devices[run] ?? '');
      committed.delete(run);
      ends[run] = end;
      speaker.tell({ event: 'finished', ...end });
      continue;
    }
    const { report } = told;
    speaker.tell(eventOf(report, devices[run] ?? ''));
    if (report.type === 'phase') enter(run, report.committed);
  }
  return ends;
}
