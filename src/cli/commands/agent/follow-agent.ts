import type { AgentReport, AgentSummary, DeviceResult } from '../../../agent/reports.ts';
import { messageOf, SpacepackError } from '../../../protocol/errors.ts';
import { reportEvent } from '../../device/follow-runs.ts';
import type { CliEvent } from '../../talk/events.ts';
import { resultOfOutcome } from '../../talk/result.ts';
import type { CommandContext } from '../command.ts';

/** What a run of the login item reports, as events. */
function eventsOf(report: AgentReport): readonly CliEvent[] {
  switch (report.type) {
    case 'channel': {
      const { freshness, expiresAt, requests } = report.sight;
      return [{ event: 'channel', device: null, freshness, expiresAt: expiresAt.toISOString(), requests }];
    }
    case 'told':
      return [{ event: 'told', device: report.device, finding: report.finding }];
    case 'run':
      return [reportEvent(report.report, report.device)];
    case 'device':
      return deviceEvents(report.result);
    case 'notice':
      return [{ event: 'notice', device: report.device, code: 'computer', message: report.message }];
  }
}

function deviceEvents({ device, standing, from, to, release, message, outcome }: DeviceResult): readonly CliEvent[] {
  const event: CliEvent = { event: 'standing', device, standing, from, to, release, message };
  return outcome === null ? [event] : [{ event: 'finished', ...resultOfOutcome(outcome, device) }, event];
}

/**
 * Follows a run to its end and passes on everything it reports. Interrupts call it off until an update is committed.
 */
export async function followAgent(
  run: AsyncGenerator<AgentReport, AgentSummary>,
  { speaker, interrupts }: Pick<CommandContext, 'speaker' | 'interrupts'>,
): Promise<AgentSummary> {
  let committed: readonly string[] = [];
  let inDoubt = false;
  const left = new Promise<never>((_, reject) => {
    const leave = (stranded?: unknown): void => {
      const isOpen = inDoubt || committed.length > 0;
      const asked = new SpacepackError(isOpen ? 'abandoned' : 'interrupted', 'Called off by a second Ctrl-C.');
      const lost = isOpen ? new SpacepackError('lost-track', messageOf(stranded)) : stranded;
      reject(stranded === undefined ? asked : lost);
    };
    interrupts.engage({ committed: () => committed, leave });
  });
  left.catch(() => undefined);
  for (;;) {
    const next = await Promise.race([run.next(), left]);
    if (next.done) return next.value;
    const report = next.value;
    if (report.type === 'device') {
      committed = [];
      inDoubt = false;
    }
    if (report.type === 'run' && report.report.type === 'phase') {
      committed = report.report.committed ? [report.device] : [];
      inDoubt = report.report.inDoubt;
    }
    for (const event of eventsOf(report)) speaker.tell(event);
  }
}
