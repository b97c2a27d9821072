// What an update costs on a real kernel with real USB, in the emulated computer of test/usb: minutes, so not part of `npm run bench`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { show } from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = fileURLToPath(new URL('../test/usb/results/figures.json', import.meta.url));
rmSync(results, { force: true });
const { status } = spawnSync('npx', ['vitest', 'run', '--config', 'vitest.usb.config.ts', 'test/usb/figures'], {
  cwd: root,
  stdio: 'inherit',
});
if (existsSync(results)) for (const figure of JSON.parse(readFileSync(results, 'utf8'))) show(figure);
process.exitCode = status ?? 1;
