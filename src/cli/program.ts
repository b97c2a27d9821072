import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FAMILIES } from '../protocol/families.ts';
import { flushed, processIo } from './io/process-io.ts';
import { BEGUN } from './io/signals.ts';
import { runCli } from './run-cli.ts';

// The login item is to start the parent, not this program alone.
process.argv[1] = fileURLToPath(new URL('./main.js', import.meta.url));

if (process.send !== undefined) {
  // All threads are made at the first call that needs one; a process that is not allowed so many dies of it, and had better do so now.
  await promisify(randomBytes)(1);
  await new Promise((resolve) => process.send?.(BEGUN, resolve));
}
const status = await runCli(process.argv.slice(2), processIo(FAMILIES));
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
if (process.send !== undefined) {
  await new Promise((resolve) => process.send?.(status, resolve));
  // Should this process not be able to end, whoever reads what it wrote must not wait for more.
  if (process.platform !== 'win32') for (const descriptor of [1, 2]) closeSync(descriptor);
}
// Not left to an empty event loop: a look at the drives that was called off may still be waiting for the system.
process.exit(status);
