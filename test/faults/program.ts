import { spawn } from 'node:child_process';
import type { OldFirmware } from '../../src/engine/old-firmware.ts';
import type { Verdict } from '../../src/protocol/faults.ts';
import { mainScript } from './built.ts';

/** What a result says of one device, or of a whole run. */
export interface Said {
  readonly verdict: Verdict;
  readonly code: string;
  readonly oldFirmware: OldFirmware | null;
  readonly message: string;
}

export interface Ran {
  /** `null` where the program told no result. */
  readonly result: (Said & { readonly exit: number; readonly devices: readonly Said[] }) | null;
  /** `null` where it was killed. */
  readonly status: number | null;
  /** Whether it had to be ended because it told no result within its limit. */
  readonly overdue: boolean;
  /** How long it went on after its result, in ms; at most `LINGER_MS`, then it was ended. */
  readonly lingeredMs: number;
  readonly stderr: string;
}

/** How long a program that has told its result is watched, in ms. */
const LINGER_MS = 5_000;

/**
 * Runs the real program until it ends, or tells no result for `limitMs`, or does not end after its result. `onResult` is called
 * as the result is heard.
 */
export function runProgram(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  limitMs: number,
  onResult: () => void = () => {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [mainScript(), ...argv], {
      env,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    let result: Ran['result'] = null;
    let toldAt: number | null = null;
    let overdue = false;
    const end = (): void => void child.kill('SIGKILL');
    const limit = setTimeout(() => {
      overdue = toldAt === null;
      end();
    }, limitMs);
    let linger: NodeJS.Timeout | undefined;
    const hear = (line: string): void => {
      if (!line.includes('"event":"result"')) return;
      result = JSON.parse(line);
      toldAt = performance.now();
      linger = setTimeout(end, LINGER_MS);
      onResult();
    };
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      const lines = stdout.split('\n');
      stdout = lines.pop() ?? '';
      for (const line of lines) hear(line);
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    // A program that was left behind may hold the pipes for longer.
    child.on('exit', (status) => {
      clearTimeout(limit);
      clearTimeout(linger);
      const endedAt = performance.now();
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ result, status, overdue, lingeredMs: toldAt === null ? 0 : endedAt - toldAt, stderr });
      }, 50);
    });
  });
}
