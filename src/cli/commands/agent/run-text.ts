import type { AgentSummary, DeviceResult } from '../../../agent/reports.ts';
import type { Line } from '../../text/line.ts';

/** A device at the end of a run, in one sentence. */
export function deviceText({ device, from, to, standing, message, outcome }: DeviceResult): string {
  const change = to === null ? `runs ${from ?? 'unknown firmware'}` : `${from ?? 'unknown firmware'} -> ${to}`;
  const how = outcome === null ? standing : `${outcome.verdict} (${outcome.code})`;
  return `${device} ${change}: ${how}. ${message}`;
}

/** A run at its end, in one sentence. */
export function summaryText({ devices, channel }: AgentSummary): string {
  if (channel === null) return 'No device is plugged in; the channel was not asked.';
  const count = devices.length === 1 ? '1 device' : `${devices.length} devices`;
  const said = { fetched: 'was fetched', unchanged: 'is unchanged', offline: 'could not be reached' };
  return `${count}; the channel ${said[channel.freshness]}.`;
}

export function runText(summary: AgentSummary): readonly Line[] {
  return [...summary.devices.map((device): Line => [deviceText(device)]), [summaryText(summary)]];
}
