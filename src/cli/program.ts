import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FAMILIES } from '../protocol/families.ts';
import { flushed, processIo } from './io/process-io.ts';
import { BEGUN, unheardErrors } from './io/signals.ts';
import { runCli, tellStack } from './run-cli.ts';

// A login item must start the parent process, not this program alone.
process.argv[1] = fileURLToPath(new URL('./main.js', import.meta.url));

if (process.send !== undefined) {
  // The first call that needs a thread makes all of them, and a process that may not have that many dies: better now
  // than later.
  await promisify(randomBytes)(1);
  await new Promise((resolve) => process.send?.(BEGUN, resolve));
}
const io = processIo(FAMILIES);
const ended = await runCli(process.argv.slice(2), io);
const flushedAll = () => Promise.all([flushed(process.stdout), flushed(process.stderr)]);
await flushedAll();
const { status, errors } = unheardErrors(ended);
for (const error of errors) tellStack(io, error);
await flushedAll();
if (process.send !== undefined) {
  await new Promise((resolve) => process.send?.(status, resolve));
  // If this process cannot end, readers of its output must not wait for more.
  if (process.platform !== 'win32') for (const descriptor of [1, 2]) closeSync(descriptor);
}
// An explicit exit: a listing of the drives that was called off may still be waiting for the system.
process.exit(status);
