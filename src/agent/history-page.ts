import { classOf, type DeviceTimeline, escapeMarkup, type TimelineEntry, timelineSvg } from './timeline.ts';

const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --faint: #6a737d; --line: #d0d7de; --page: #ffffff;
  --good: #1a7f37; --bad: #cf222e; --doubt: #9a6700; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --faint: #8d96a0; --line: #30363d; --page: #0d1117; --good: #3fb950; --bad: #f85149; --doubt: #d29922; } }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
p, caption { color: var(--faint); } caption { text-align: left; }
svg { width: 100%; height: auto; } svg text { fill: var(--text); font-size: 13px; }
svg .date { fill: var(--faint); text-anchor: middle; font-size: 11px; } svg .label { text-anchor: middle; font-size: 11px; }
svg .tick, svg .lane { stroke: var(--line); } svg .lane { stroke-width: 2; }
.applied, .unchanged { fill: var(--good); color: var(--good); } .unchanged { fill-opacity: .4; }
.failed, .rejected { stroke: var(--bad); stroke-width: 3; fill: none; color: var(--bad); }
.indeterminate, .unknown, .refused { fill: var(--doubt); color: var(--doubt); }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-bottom: 1px solid var(--line); } td.word { font-weight: 600; stroke: none; }
`;

const LEGEND =
  '<p><span class="applied">●</span> the new firmware runs &nbsp; <span class="failed">✕</span> failed or rejected &nbsp; ' +
  '<span class="unknown">◆</span> not known, or refused before anything was written</p>';

function rowOf({ at, from, to, verdict, message }: TimelineEntry): string {
  const cells = [
    `<td>${at.toISOString().slice(0, 16).replace('T', ' ')}</td>`,
    `<td>${escapeMarkup(`${from ?? 'unknown firmware'} → ${to ?? 'unknown'}`)}</td>`,
    `<td class="word ${classOf(verdict)}">${escapeMarkup(verdict ?? 'not known')}</td>`,
    `<td>${escapeMarkup(message)}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function sectionOf({ device, moments }: DeviceTimeline): string {
  const rows = [...moments].reverse().map(rowOf).join('\n');
  return `<h2>${escapeMarkup(device)}</h2>
<table><thead><tr><th>When (UTC)</th><th>Firmware</th><th>Verdict</th><th>What was found</th></tr></thead>
<tbody>
${rows}
</tbody></table>`;
}

/**
 * One page that shows what happened to each device, as a picture and as text. It fetches and runs nothing: its own
 * policy forbids both, because it contains device names.
 */
export function historyPage(devices: readonly DeviceTimeline[], madeAt: Date): string {
  const nothing = '<p>No update has been tried on this computer yet.</p>';
  const body =
    devices.length === 0 ? nothing : `${timelineSvg(devices)}\n${LEGEND}\n${devices.map(sectionOf).join('\n')}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Firmware updates</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Firmware updates</h1>
<p>As this computer saw them, ${madeAt.toISOString().slice(0, 10)}.</p>
${body}
</body>
</html>
`;
}
