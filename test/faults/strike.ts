import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { library } from './built.ts';

/** A call of the program by what it means: see preload.c. `stage` is empty for a call that changes something. */
export interface Point {
  readonly call: string;
  /** `volume/…` or `home/…`. */
  readonly path: string;
  /** From 1. */
  readonly occurrence: number;
  readonly stage: string;
}

export type Errno = 'EIO' | 'ENOSPC' | 'EROFS' | 'EACCES' | 'ENODEV' | 'EMFILE';

/** What is done at a point: before the call has any effect, or after it. */
export type Harm = 'kill' | 'kill-after' | 'hang' | 'hang-after' | `fail-before:${Errno}` | `fail-after:${Errno}`;

/** A point and what is done there. */
export interface Strike {
  readonly point: Point;
  readonly harm: Harm;
}

/** The environment that does it to a program, and where it is logged: `folder` is the strike's own, outside of those watched. */
export function variablesOf(
  folder: string,
  watched: Readonly<Record<string, string>>,
  strike: Strike | null,
): Record<string, string> {
  return {
    LD_PRELOAD: library(),
    SPACEPACK_FAULT_UNDER: Object.entries(watched)
      .map(([label, path]) => `${label}=${path}`)
      .join(':'),
    SPACEPACK_FAULT_STATE: join(folder, 'state'),
    SPACEPACK_FAULT_LOG: join(folder, 'log'),
    // Calls that a ring makes are made by the kernel, and pass by the library.
    UV_USE_IO_URING: '0',
    ...(strike === null ? {} : { SPACEPACK_FAULT_AT: textOf(strike.point), SPACEPACK_FAULT_DO: orderOf(strike.harm) }),
  };
}

const textOf = ({ call, path, occurrence, stage }: Point): string => [call, path, occurrence, stage].join('\t');

function orderOf(harm: Harm): string {
  const [kind, errno] = harm.split(':') as [string, Errno | undefined];
  return errno === undefined ? kind : `${kind}:${constants.errno[errno]}`;
}

/** A line of the library's log. */
export interface Logged extends Point {
  /** Whether the harm was done at it. */
  readonly struck: boolean;
}

/** What was logged below the folder that `variablesOf` was given. */
export function readLog(folder: string): readonly Logged[] {
  const path = join(folder, 'log');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, call = '', name = '', occurrence, stage = '', , mark] = line.split('\t');
      return { call, path: name, occurrence: Number(occurrence), stage, struck: mark === '!' };
    });
}
