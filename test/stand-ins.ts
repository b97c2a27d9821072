/**
 * Programs of a folder in the place of the system's, for the real program and what it starts: variables for its environment. The
 * program itself cannot be told to start others, least of all as root, which many run the tests as; so they are exchanged below it, where
 * node starts a process.
 */
const PRELOAD = `
import processes from 'node:child_process';
import { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
const { spawn } = processes;
processes.spawn = (file, ...rest) => {
  const other = join(process.env.STAND_INS, basename(file));
  return spawn(existsSync(other) ? other : file, ...rest);
};
syncBuiltinESMExports();
`;

export function standIns(folder: string): Readonly<Record<string, string>> {
  return { STAND_INS: folder, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}` };
}
