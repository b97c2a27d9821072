// Draws docs/pictures/demo.svg from a real run of the demo in a terminal: node docs/pictures/record.mjs (after npm run build)
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const COLUMNS = 128;
const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const picture = fileURLToPath(new URL('demo.svg', import.meta.url));

/** Lines as they came, each with the ms at which it came. util-linux' `script` gives the program a terminal. */
function record(command) {
  const child = spawn('script', ['-qefc', `stty cols ${COLUMNS} rows 60; ${command}`, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  });
  const start = performance.now();
  const lines = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const parts = (rest + text).split(/\r?\n/);
    rest = parts.pop() ?? '';
    for (const line of parts) lines.push({ ms: performance.now() - start, line });
  });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => (code === 0 ? resolve(lines) : reject(new Error(`the demo exited with ${code}`))));
  });
}

const COLOURS = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  90: '#8b949e',
};
const ENTITIES = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };
const escaped = (text) => text.replace(/[<>&]/g, (character) => ENTITIES[character]);
const [CHAR, LINE, PAD] = [8.4, 20, 18];

/** One line as spans, each at its own column: renderers differ in what they do with spaces. Only colour sequences are expected. */
function spans(line) {
  let style = '';
  let column = 0;
  let out = '';
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    const codes = /^\u001b\[([0-9;]*)m$/.exec(part)?.[1];
    if (codes === undefined) {
      for (const { 0: words, index } of part.matchAll(/\S+(?: \S+)*/g)) {
        const x = (PAD + (column + index) * CHAR).toFixed(1);
        const width = (words.length * CHAR).toFixed(1);
        out += `<tspan x="${x}" textLength="${width}"${style}>${escaped(words)}</tspan>`;
      }
      column += part.length;
      continue;
    }
    for (const code of codes.split(';').map(Number)) {
      if (code === 0 || code === 39 || code === 22) style = '';
      else if (code === 1) style += ' font-weight="700"';
      else if (code === 2) style += ' fill="#8b949e"';
      else if (COLOURS[code] !== undefined) style += ` fill="${COLOURS[code]}"`;
    }
  }
  return out;
}

const recorded = await record(`node ${main} simulate healthy`);
const rows = [{ ms: 0, line: '\u001b[1m$ npm run demo\u001b[0m' }, { ms: 0, line: '' }, ...recorded];
const width = Math.ceil(COLUMNS * CHAR + 2 * PAD);
const height = rows.length * LINE + 2 * PAD;
const text = rows.map(({ ms, line }, row) => {
  const y = PAD + (row + 0.75) * LINE;
  return `<text y="${y}" style="animation-delay:${(ms / 1000).toFixed(2)}s">${spans(line)}</text>`;
});
await writeFile(
  picture,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>An update of the simulated SpacePack: the host's doings on the left, the device's own log on the right, the verdict last</title>
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #e6edf3; animation: come 0.2s backwards; }
@keyframes come { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
</style>
<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>
${text.join('\n')}
</svg>
`,
);
process.stdout.write(`${picture}: ${rows.length} lines\n`);
