#!/usr/bin/env node
import { VERSION } from './version.ts';

const argv = process.argv.slice(2);
if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.on('error', () => {});
  process.stdout.write(`${VERSION}\n`);
} else {
  const [{ runCli }, { flushed, processIo }] = await Promise.all([import('./run-cli.ts'), import('./process-io.ts')]);
  const status = await runCli(argv, processIo());
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Not left to an empty event loop: a look at the drives that was called off may still be waiting for the system.
  process.exit(status);
}
