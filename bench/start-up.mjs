// What starting costs: `--version` against an empty Node, `list` against two of them (program and supervisor) and `lsblk`.
import { fileURLToPath } from 'node:url';
import { inTurn, show, timed } from './measure.mjs';

const main = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
const node = process.execPath;
const RUNS = 21;

const [empty, version, lsblk, list] = await inTurn(RUNS, [
  () => timed(node, ['-e', '0']),
  () => timed(node, [main, '--version']),
  () => timed('lsblk', ['--json']),
  () => timed(node, [main, 'list']),
]);

const ms = (value) => `${value.toFixed(1)} ms`;
show({
  name: '`spacepack --version` ÷ `node -e 0`',
  measured: (version / empty).toFixed(2),
  bound: 'at most 1.30',
  keeps: version / empty <= 1.3,
  detail: `medians of ${RUNS}: ${ms(version)}, ${ms(empty)}`,
});
show({
  name: '`spacepack list` − 2 × `node -e 0` − `lsblk`',
  measured: ms(list - 2 * empty - lsblk),
  bound: 'at most 60 ms',
  keeps: list - 2 * empty - lsblk <= 60,
  detail: `medians of ${RUNS}: ${ms(list)}, ${ms(empty)}, ${ms(lsblk)}`,
});
