import { cut, type Line, type Piece, textOf } from '../../text/line.ts';
import type { BarStyle } from '../../text/unicode.ts';
import { formatBytes, formatDuration } from '../../text/units.ts';
import type { Result } from '../result.ts';
import { toneOf } from '../result-text.ts';
import { type DeviceProgress, expectedTotalMs, fractionDone, type Progress } from './model.ts';
import { PARTS } from './phases.ts';

const LEAST_BAR = 8;
const MOST_BAR = 30;
const NAME_WIDTH: number = Math.max(...Object.values(PARTS).map(({ name }) => name.length));

function drawBar(fraction: number, width: number, { full, empty }: BarStyle): string {
  const filled = Math.floor(fraction * width);
  return full.repeat(filled) + empty.repeat(width - filled);
}

function describePart(run: DeviceProgress): string {
  const again = run.round > 1 ? ' (again)' : '';
  return `${PARTS[run.part].name}${again}`.padEnd(NAME_WIDTH);
}

function describeTime(run: DeviceProgress, nowMs: number): string {
  const elapsed = formatDuration(nowMs - run.startedMs);
  return `${elapsed} of about ${formatDuration(expectedTotalMs(run, nowMs))}`;
}

/** What must be seen is on the left; what is dropped first when there is no room is on the right. */
function drawRunning(run: DeviceProgress, nowMs: number, width: number, style: BarStyle): Line {
  const fraction = fractionDone(run, nowMs);
  const must: Piece[] = [
    { text: run.device, tone: 'strong' },
    ` ${describePart(run)} `,
    `${String(Math.floor(fraction * 100)).padStart(3)} %`,
  ];
  const bytes = run.bytes === null ? [] : [`${formatBytes(run.bytes.done)} of ${formatBytes(run.bytes.total)}`];
  const optional = [describeTime(run, nowMs), ...bytes];
  let left = width - textOf(must).length;
  const hasBar = left > LEAST_BAR;
  if (hasBar) left -= LEAST_BAR + 1;
  const kept = optional.filter((text) => {
    const fits = left >= text.length + 2;
    if (fits) left -= text.length + 2;
    return fits;
  });
  const bar = hasBar ? [` ${drawBar(fraction, Math.min(MOST_BAR, LEAST_BAR + Math.max(0, left)), style)}`] : [];
  return [...must, ...bar, ...kept.map((text) => `  ${text}`)];
}

function drawEnded(run: DeviceProgress, result: Result): Line {
  // The checks have passed; the question comes next.
  if (result.code === 'would-apply') return [{ text: run.device, tone: 'strong' }, ' ready'];
  const versions =
    result.verdict === 'applied' ? ` ${result.from ?? 'none'} -> ${result.to ?? 'unknown'}` : ` (${result.code})`;
  return [{ text: run.device, tone: 'strong' }, ' ', { text: result.verdict, tone: toneOf(result) }, versions];
}

/** One line per device, none wider than `width`. Pure: the same progress at the same time looks the same. */
export function renderProgress(progress: Progress, nowMs: number, width: number, style: BarStyle): readonly Line[] {
  return [...progress.values()].map((run) =>
    cut(run.result === null ? drawRunning(run, nowMs, width, style) : drawEnded(run, run.result), width),
  );
}
