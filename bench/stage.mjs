// Checks an image, writes it to a folder that stands for a volume, and reads it back, as an update does. Prints what that took.
// node bench/stage.mjs ROOT IMAGE → {"ms": …, "peakBytes": …}; ROOT holds one volume with a folder SPACEPAK.
import { readFileSync } from 'node:fs';
import { createEnvironment, openImage } from '../dist/src/index.js';

const [root, file] = process.argv.slice(2);
if (root === undefined || file === undefined) throw new Error('usage: node bench/stage.mjs ROOT IMAGE');
const { volumes } = createEnvironment({ root });
const image = await openImage(file);
const [drive] = await volumes.list();
const [volume] = drive?.volumes ?? [];
if (!drive || !volume?.mount) throw new Error('expected one volume below the root');
const mounted = { drive, volume, mount: volume.mount };
const path = 'SPACEPAK/UPDATE.BIN';

await volumes.remove(mounted, path);
const start = performance.now();
await volumes.write(mounted, path, image.read(), { syncBytes: 1024 * 1024, stallMs: 60_000 });
const { sha256, kind } = await volumes.readBack(mounted, path);
const ms = performance.now() - start;
if (sha256 !== image.sha256) throw new Error('what was read back differs');
// Not getrusage: its figure begins with that of the process that started us.
const peakBytes = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
process.stdout.write(`${JSON.stringify({ ms, peakBytes, kind })}\n`);
