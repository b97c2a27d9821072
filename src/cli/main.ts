#!/usr/bin/env node
import { VERSION } from './version.ts';

const argv = process.argv.slice(2);
if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.on('error', () => {});
  process.stdout.write(`${VERSION}\n`);
} else {
  (await import('./supervise.ts')).supervise(argv);
}
