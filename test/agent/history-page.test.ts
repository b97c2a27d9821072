import { describe, expect, test } from 'vitest';
import { historyPage } from '../../src/agent/history-page.ts';
import type { DeviceTimeline, TimelineEntry } from '../../src/agent/timeline.ts';
import { timelineSvg } from '../../src/agent/timeline.ts';
import type { Verdict } from '../../src/protocol/faults.ts';

const NOW = new Date(Date.UTC(2026, 5, 1));
const moment = (day: number, parts: Partial<TimelineEntry> = {}): TimelineEntry => ({
  at: new Date(Date.UTC(2026, 0, day)),
  verdict: 'applied',
  from: '1.0.0+0',
  to: '1.1.0+0',
  message: 'The new firmware runs.',
  ...parts,
});
const device = (name: string, ...moments: readonly TimelineEntry[]): DeviceTimeline => ({ device: name, moments });

/** Whether every element that is opened is closed, in order: enough of a parser to see markup that leaked. */
function elementsOf(html: string): readonly string[] {
  const open: string[] = [];
  const all: string[] = [];
  for (const [, close, name = '', self] of html.matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name);
    else {
      all.push(name);
      if (!self && name !== 'meta') open.push(name);
    }
  }
  expect(open).toEqual([]);
  return all;
}

describe('the page', () => {
  test('shows each device as a line with a mark for each attempt, and in words', () => {
    const html = historyPage(
      [device('SP1', moment(1), moment(20, { verdict: 'failed' })), device('SP2', moment(9))],
      NOW,
    );
    expect(html.match(/class="lane"/g)).toHaveLength(2);
    expect(html.match(/<circle class="applied"/g)).toHaveLength(2);
    expect(html.match(/<path class="failed"/g)).toHaveLength(1);
    expect(html.match(/<tr><td>/g)).toHaveLength(3);
    elementsOf(html);
  });

  test('loads nothing, runs nothing, and forbids both', () => {
    const html = historyPage([device('SP1', moment(1))], NOW);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|<link|<img|https?:|url\(|@import|\son[a-z]+=/);
  });

  test('is read in the light and in the dark', () => {
    expect(historyPage([], NOW)).toContain('prefers-color-scheme: dark');
  });

  test.each([
    '</title><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '&lt;b&gt;',
    "' onload='x",
    '\u0000\u202e',
  ])('a device that calls itself %j is but text', (name) => {
    const plain = elementsOf(historyPage([device('SP1', moment(1, { message: 'ok' }))], NOW));
    const hostile = historyPage([device(name, moment(1, { message: name, to: name, from: name }))], NOW);
    expect(elementsOf(hostile)).toEqual(plain);
    expect(hostile).not.toMatch(/[\u0000\u202e]/);
  });

  test('a verdict that is none is but text, and adds no attribute', () => {
    const plain = elementsOf(historyPage([device('SP1', moment(1, { verdict: null }))], NOW));
    for (const said of ['"><script>alert(1)</script>', 'x" onclick="alert(1)', "' onload='x", 'applied failed']) {
      const html = historyPage([device('SP1', moment(1, { verdict: said as Verdict }))], NOW);
      expect(elementsOf(html)).toEqual(plain);
      expect(html).not.toMatch(/<script|<[^>]*\son[a-z]+=/);
      expect([...html.matchAll(/class="([^"]*)"/g)].map(([, name]) => name)).not.toContain('word applied failed');
    }
  });

  test('says so when nothing was tried yet', () => {
    expect(historyPage([], NOW)).toContain('No update has been tried');
  });
});

describe('the picture', () => {
  const xsOf = (svg: string): readonly number[] =>
    [...svg.matchAll(/<circle[^>]*cx="(-?\d+)"/g)].map(([, x]) => Number(x));

  test('keeps order and distance of time within its frame', () => {
    const xs = xsOf(timelineSvg([device('SP1', moment(1), moment(2), moment(11))]));
    const [first = 0, second = 0, third = 0] = xs;
    expect((third - second) / (second - first)).toBeCloseTo(9, 0);
    for (const x of xs) expect(x).toBeGreaterThanOrEqual(150);
    for (const x of xs) expect(x).toBeLessThanOrEqual(920);
  });

  test.each([0, 1, 30, 400, 4000])('has at most nine dates, over %d days', (days) => {
    const later = moment(1, { at: new Date(Date.UTC(2026, 0, 1) + days * 86_400_000) });
    const svg = timelineSvg([device('SP1', moment(1), later)]);
    expect(svg.match(/class="date"/g)?.length ?? 0).toBeLessThanOrEqual(9);
  });

  test('labels do not lie on each other', () => {
    const many = Array.from({ length: 50 }, (_, index) => moment(1, { at: new Date(Date.UTC(2026, 0, 1, 0, index)) }));
    const svg = timelineSvg([device('SP1', ...many)]);
    const labelled = [...svg.matchAll(/class="label" x="(\d+)"[^>]*>[^<]/g)].map(([, x]) => Number(x));
    for (const [index, x] of labelled.entries()) expect(x - (labelled[index - 1] ?? -100)).toBeGreaterThanOrEqual(60);
  });
});
