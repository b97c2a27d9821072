import type { TimedEvent } from '../events.ts';
import type { Result } from '../result.ts';
import { PART_ORDER, PARTS, type Part } from './phases.ts';

/** How far the run on one device has come. Times are the events' elapsed ms. */
export interface DeviceProgress {
  readonly device: string;
  /** The parts that this run goes through. */
  readonly order: readonly Part[];
  readonly part: Part;
  readonly round: number;
  readonly startedMs: number;
  readonly partStartedMs: number;
  /** How long the part usually takes, in ms; not used where bytes show the progress. */
  readonly expectedMs: number;
  readonly bytes: { readonly done: number; readonly total: number } | null;
  readonly result: Result | null;
}

/** All runs, in the order in which they began. */
export type Progress = ReadonlyMap<string, DeviceProgress>;

export const NO_PROGRESS: Progress = new Map();

function begun(device: string, order: readonly Part[], atMs: number): DeviceProgress {
  const common = { device, order, startedMs: atMs, partStartedMs: atMs };
  return { ...common, part: 'discover', round: 1, expectedMs: PARTS.discover.usualMs, bytes: null, result: null };
}

function entered(before: DeviceProgress, part: Part, round: number, expectedMs: number, atMs: number): DeviceProgress {
  return { ...before, part, round, expectedMs, partStartedMs: atMs, bytes: null };
}

function follow(before: DeviceProgress, event: TimedEvent): DeviceProgress {
  switch (event.event) {
    case 'phase': {
      if (event.phase === 'done') return before;
      const part = event.phase === 'stage' ? 'write' : event.phase;
      return entered(before, part, event.round, event.expectedMs, event.elapsedMs);
    }
    case 'progress': {
      const { step, doneBytes, totalBytes, elapsedMs } = event;
      const now = before.part === step ? before : entered(before, step, before.round, PARTS[step].usualMs, elapsedMs);
      return { ...now, bytes: { done: doneBytes, total: totalBytes } };
    }
    case 'finished':
      return { ...before, result: event };
    default:
      return before;
  }
}

/**
 * The progress after an event; the same value if the event is not about progress. `order`: the parts of a run that
 * begins.
 */
export function after(progress: Progress, event: TimedEvent, order: readonly Part[] = PART_ORDER): Progress {
  const { device } = event;
  if (device === null || !['phase', 'progress', 'finished'].includes(event.event)) return progress;
  const before = progress.get(device) ?? begun(device, order, event.elapsedMs);
  return new Map(progress).set(device, follow(before, event));
}

/**
 * How much of the part is done, 0 to 1: by bytes if they are known, else by time, which approaches 1 and never reaches
 * it.
 */
function partDone({ part, bytes, expectedMs, partStartedMs }: DeviceProgress, nowMs: number): number {
  if (bytes !== null) return bytes.total === 0 ? 1 : bytes.done / bytes.total;
  if (part === 'write' || part === 'verify') return 0;
  // Four fifths at the expected time.
  return 1 - Math.exp((-1.6 * Math.max(0, nowMs - partStartedMs)) / Math.max(1, expectedMs));
}

/** How much of the run is done, 0 to 1; 1 only after its end. */
export function fractionDone(run: DeviceProgress, nowMs: number): number {
  if (run.result !== null) return 1;
  const weights = run.order.map((part) => PARTS[part].weight);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const at = run.order.indexOf(run.part);
  const before = weights.slice(0, Math.max(0, at)).reduce((sum, weight) => sum + weight, 0);
  return Math.min(0.99, (before + (weights[at] ?? 0) * partDone(run, nowMs)) / whole);
}

function partLeftMs({ bytes, expectedMs, partStartedMs }: DeviceProgress, nowMs: number): number {
  const spentMs = nowMs - partStartedMs;
  if (bytes !== null && bytes.done > 0) return (spentMs * (bytes.total - bytes.done)) / bytes.done;
  return Math.max(0, expectedMs - spentMs);
}

/** The present estimate of how long the whole run takes, in ms since it began. */
export function expectedTotalMs(run: DeviceProgress, nowMs: number): number {
  const later = run.order.slice(run.order.indexOf(run.part) + 1);
  const laterMs = later.reduce((sum, part) => sum + PARTS[part].usualMs, 0);
  return nowMs - run.startedMs + partLeftMs(run, nowMs) + laterMs;
}
