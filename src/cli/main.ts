#!/usr/bin/env node
import { isRightNode, NODE_REMEDY, wrongNode } from './node-version.ts';
import { VERSION } from './version.ts';

/** That of `not-ready`. */
const WRONG_NODE_STATUS = 6;

// This file and what it imports have no syntax that an old Node.js (12 and newer) does not know, such as `await` outside of a
// function: it could only answer with a SyntaxError.
const argv = process.argv.slice(2);
if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.on('error', () => {});
  process.stdout.write(`${VERSION}\n`);
} else if (isRightNode(process.versions.node)) {
  void import('./supervise.ts').then(({ supervise }) => supervise(argv));
} else {
  process.stderr.on('error', () => {});
  process.stderr.write(`spacepack: ${wrongNode(process.versions.node)} ${NODE_REMEDY}\n`);
  process.exitCode = WRONG_NODE_STATUS;
}
