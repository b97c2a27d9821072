// Draws test/usb/results/update.json as docs/pictures/how-writes-arrive.svg: node test/usb/draw-timeline.mjs
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** From top to bottom; the middle ones are the lanes of a write. */
const LANES = [
  ['host', 'spacepack'],
  ['data', 'data'],
  ['folder', 'folder entries'],
  ['table 1', 'table, copy 1'],
  ['table 2', 'table, copy 2'],
  ['count', 'FSInfo'],
  ['start', 'boot sector'],
  ['flush', 'flush'],
  ['device', 'device'],
];
const COLOURS = { host: '#555', flush: '#b00020', device: '#1b6e3c' };
const LEFT = 120;
const TOP = 96;
const LANE = 46;

/** Seconds of waiting are drawn hardly wider than the milliseconds of a burst. */
function step(gapMs) {
  return 13 + 7 * Math.log2(1 + gapMs / 25);
}

/** Places the events; those of the device's own doing, which a host cannot see, are one stay between two. */
function place(events) {
  const shown = events.filter(
    ({ kind, words }) => kind !== 'device' || /^(leaves|attaches|erases|programs|writes|confirms|removes)/.test(words),
  );
  let x = LEFT + 24;
  return shown.map((event, index) => {
    x += index === 0 ? 0 : step(event.atMs - shown[index - 1].atMs);
    const lane = event.kind === 'write' ? event.lane : event.kind;
    return { ...event, lane, x, y: TOP + LANE * LANES.findIndex(([name]) => name === lane) };
  });
}

function asText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function draw(events) {
  const placed = place(events);
  const width = Math.ceil(placed.at(-1).x + 110);
  const bottom = TOP + LANE * (LANES.length - 1);
  const lines = LANES.map(([name, label], index) => {
    const y = TOP + LANE * index;
    const colour = COLOURS[name] ?? '#222';
    return `<line x1="${LEFT}" y1="${y}" x2="${width - 16}" y2="${y}" stroke="#ddd"/><text x="${LEFT - 10}" y="${y + 4}" text-anchor="end" fill="${colour}">${label}</text>`;
  });
  const marks = placed.map((event) => {
    const x = event.x.toFixed(1);
    const title = `<title>${event.atMs} ms: ${asText(event.words ?? 'flush')}</title>`;
    if (event.kind === 'host') {
      const label = `<text transform="translate(${x} ${TOP - 12}) rotate(-40)" fill="#555">${event.words} ${event.atMs} ms</text>`;
      return `<g>${title}<line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${bottom + 8}" stroke="#bbb" stroke-dasharray="3 3"/>${label}</g>`;
    }
    if (event.kind === 'flush') {
      return `<g>${title}<line x1="${x}" y1="${TOP + LANE * 0.6}" x2="${x}" y2="${event.y + 8}" stroke="#b00020" stroke-width="2"/></g>`;
    }
    if (event.kind === 'device') return `<g>${title}<circle cx="${x}" cy="${event.y}" r="5" fill="#1b6e3c"/></g>`;
    const isTrigger = /TRG|cluster \d+ chained/.test(event.words);
    return `<g>${title}<rect x="${(event.x - 4).toFixed(1)}" y="${event.y - 9}" width="8" height="18" fill="${isTrigger ? '#e07b00' : '#2b5fb8'}"/></g>`;
  });
  const leaves = placed.find(({ words }) => words === 'leaves the bus');
  const attaches = placed.find(({ words }) => words?.startsWith('attaches'));
  const away = `<rect x="${leaves.x.toFixed(1)}" y="${TOP - 8}" width="${(attaches.x - leaves.x).toFixed(1)}" height="${bottom - TOP + 24}" fill="#1b6e3c" opacity="0.08"/><text x="${((leaves.x + attaches.x) / 2).toFixed(1)}" y="${bottom + 32}" text-anchor="middle" fill="#1b6e3c">off the bus</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 48}" viewBox="0 0 ${width} ${bottom + 48}" font-family="sans-serif" font-size="12">`,
    '<title>The sector writes of one update, in order</title>',
    `<rect width="100%" height="100%" fill="#fff"/>`,
    away,
    ...lines,
    ...marks,
    `<text x="${LEFT}" y="${bottom + 32}"><tspan fill="#2b5fb8">■ payload and file system</tspan>  <tspan fill="#e07b00">■ trigger</tspan></text>`,
    '</svg>\n',
  ].join('\n');
}

const events = JSON.parse(readFileSync(at('results/update.json'), 'utf8'));
mkdirSync(at('../../docs/pictures'), { recursive: true });
writeFileSync(at('../../docs/pictures/how-writes-arrive.svg'), draw(events));
