// Simulated devices as folders, in a process of their own. node bench/devices.mjs ROOT COUNT
// Prints a line of JSON whenever a volume appears: {"volume": …, "at": …}, `at` in ms since 1970. Ends with its standard input.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createFolderWorld } from '../dist/test/fake-volume/index.js';

const [root, count] = process.argv.slice(2);
if (root === undefined) throw new Error('usage: node bench/devices.mjs ROOT COUNT');
const durations = { attach: 100, away: 1000, verify: 50, erase: 50, program: 50, start: 50, cardWrites: 10 };
const names = Array.from({ length: Number(count) }, (_, index) => `CARD${index}`);
const devices = names.map((label) => ({ settings: { quietMs: 500, durations }, card: { label } }));
const world = createFolderWorld({ root, devices, pollMs: 10 });

const present = new Set();
setInterval(() => {
  for (const volume of names) {
    if (!existsSync(join(root, volume))) present.delete(volume);
    else if (!present.has(volume)) {
      present.add(volume);
      process.stdout.write(`${JSON.stringify({ volume, at: Date.now() })}\n`);
    }
  }
}, 2);
process.stdin.resume();
process.stdin.on('end', () => {
  world.dispose();
  process.exit(0);
});
