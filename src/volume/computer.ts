import type { Clock } from '../computer/clock.ts';
import { systemClock } from '../computer/clock.ts';
import { type RunProgram, runProgram, runTogether } from '../computer/run-program.ts';
import { drivelistOnce, type Enumerate } from './drivelist.ts';
import { PROGRAMS_MS } from './gates.ts';
import { type System, thisSystem } from './remedies.ts';

/** What a platform needs from the machine. It is handed in so that each system's code can be tested on any other. */
export interface Computer {
  readonly run: RunProgram;
  /** The disks that drivelist knows; rejects if drivelist is not available. */
  readonly drivelist: Enumerate;
  readonly clock: Clock;
  readonly system: System;
  /** Where the kernel's views are mounted on Linux: `/proc`, `/sys`, `/run`. */
  readonly proc: string;
  readonly sys: string;
  readonly runDirectory: string;
  /** Where macOS keeps device nodes and mounts removable volumes: `/dev`, `/Volumes`. */
  readonly dev: string;
  readonly volumes: string;
  /** The root folder that a drive letter of Windows stands for: `E:\\` for `E`. */
  letterRoot(letter: string): string;
}

export const thisComputer: Computer = {
  run: runProgram,
  drivelist: drivelistOnce,
  clock: systemClock,
  system: thisSystem,
  proc: '/proc',
  sys: '/sys',
  runDirectory: '/run',
  dev: '/dev',
  volumes: '/Volumes',
  letterRoot: (letter) => `${letter}:\\`,
};

/** The same machine for one mount or unmount: all its programs share one time limit. */
export function forOneMount(computer: Computer): Computer {
  return { ...computer, run: runTogether(computer, PROGRAMS_MS) };
}
