import type { Verdict } from '../protocol/faults.ts';
import { printable } from '../protocol/printable.ts';

/** A moment on a device's line. `null`: it was cut off, and nobody knows how it ended. */
export interface TimelineEntry {
  readonly at: Date;
  readonly verdict: Verdict | null;
  readonly from: string | null;
  readonly to: string | null;
  /** One sentence for people. */
  readonly message: string;
}

/** A device and what happened to it, oldest first. */
export interface DeviceTimeline {
  readonly device: string;
  readonly moments: readonly TimelineEntry[];
}

/** Text for any place in HTML or SVG. Control characters, which markup must not contain, are replaced. */
export function escapeMarkup(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };
  return printable(text).replace(/[&<>"']/g, (character) => `&${names[character]};`);
}

const WIDTH = 960;
const LEFT = 150;
const RIGHT = 40;
const TOP = 34;
const LANE = 64;
const LABEL_WIDTH = 62;
const DAY_MS = 86_400_000;

/**
 * The class of a mark, which gives colour and shape: for some people one of the two is not enough. Safe in markup: a
 * verdict that was read may be anything.
 */
export function classOf(verdict: Verdict | null): string {
  return escapeMarkup(verdict ?? 'unknown').replaceAll(' ', '-');
}

interface Scale {
  readonly first: number;
  readonly last: number;
  place(at: Date): number;
}

function scaleOf(devices: readonly DeviceTimeline[]): Scale {
  const times = devices.flatMap(({ moments }) => moments.map(({ at }) => at.getTime()));
  const [earliest, latest] = [Math.min(...times), Math.max(...times)];
  // No mark is at the very edge, and a single one is in the middle.
  const margin = Math.max((latest - earliest) / 50, DAY_MS / 2);
  const [first, last] = [earliest - margin, latest + margin];
  const room = WIDTH - LEFT - RIGHT;
  return { first, last, place: (at) => LEFT + ((at.getTime() - first) / (last - first)) * room };
}

const STEPS_DAYS = [1, 2, 7, 14, 30, 90, 180, 365, 730, 1825];

/** Days at which the axis has a line: at most eight. */
function ticksOf({ first, last }: Scale): readonly Date[] {
  const days = (last - first) / DAY_MS;
  const step = (STEPS_DAYS.find((each) => days / each <= 8) ?? Math.ceil(days / 8)) * DAY_MS;
  const start = Math.ceil(first / DAY_MS) * DAY_MS;
  const count = Math.max(0, Math.floor((last - start) / step) + 1);
  return Array.from({ length: count }, (_, index) => new Date(start + index * step));
}

function shape(verdict: Verdict | null, x: number, y: number): string {
  const kind = classOf(verdict);
  if (kind === 'applied' || kind === 'unchanged') return `<circle class="${kind}" cx="${x}" cy="${y}" r="7"/>`;
  if (kind === 'failed' || kind === 'rejected') {
    return `<path class="${kind}" d="M${x - 6} ${y - 6}l12 12m0 -12l-12 12"/>`;
  }
  return `<path class="${kind}" d="M${x} ${y - 8}l8 8l-8 8l-8 -8z"/>`;
}

function markOf(moment: TimelineEntry, scale: Scale, y: number, labelled: boolean): string {
  const x = Math.round(scale.place(moment.at));
  const change = `${moment.from ?? 'unknown firmware'} → ${moment.to ?? 'unknown'}`;
  const title = `${moment.at.toISOString()} ${change}: ${moment.verdict ?? 'not known'}. ${moment.message}`;
  const label = labelled && moment.to !== null ? short(moment.to) : '';
  return `<g><title>${escapeMarkup(title)}</title>${shape(moment.verdict, x, y)}<text class="label" x="${x}" y="${y + 24}">${escapeMarkup(label)}</text></g>`;
}

/** A build number of 0 means that none was given. */
const short = (version: string): string => version.replace(/\+0$/, '').slice(0, 14);

/** If marks are close together, only the last is labelled. */
function isLabelled(moments: readonly TimelineEntry[], index: number, scale: Scale): boolean {
  const here = moments[index];
  const next = moments[index + 1];
  return here !== undefined && (next === undefined || scale.place(next.at) - scale.place(here.at) >= LABEL_WIDTH);
}

function laneOf({ device, moments }: DeviceTimeline, index: number, scale: Scale): string {
  const y = TOP + LANE * index + LANE / 2;
  const name = device.length > 18 ? `${device.slice(0, 17)}…` : device;
  const marks = moments.map((moment, each) => markOf(moment, scale, y, isLabelled(moments, each, scale)));
  return `<line class="lane" x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}"/><text class="device" x="0" y="${y + 5}">${escapeMarkup(name)}</text>${marks.join('')}`;
}

/**
 * The updates of each device along one time line, as an SVG element without its own style. Empty if there are no
 * moments.
 */
export function timelineSvg(devices: readonly DeviceTimeline[]): string {
  const shown = devices.filter(({ moments }) => moments.length > 0);
  if (shown.length === 0) return '';
  const scale = scaleOf(shown);
  const height = TOP + LANE * shown.length + 8;
  const ticks = ticksOf(scale).map((at) => {
    const x = Math.round(scale.place(at));
    return `<line class="tick" x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${height}"/><text class="date" x="${x}" y="${TOP - 14}">${at.toISOString().slice(0, 10)}</text>`;
  });
  const lanes = shown.map((device, index) => laneOf(device, index, scale));
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Updates over time">${ticks.join('')}${lanes.join('')}</svg>`;
}
