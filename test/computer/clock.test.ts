import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildProgram } from '../agent/built-program.ts';

/** A process that is stopped for longer than anything in it takes. */
const STOPPED_MS = 4_500;

let folder: string;
beforeAll(() => {
  folder = join(dirname(dirname(buildProgram('spacepack-clock-test'))), 'computer');
}, 120_000);

/** Runs a script that finds `systemClock` and `within`, and `line`: the next line of its standard input. */
function run(script: string): { readonly child: ChildProcess; readonly output: Promise<string> } {
  const from = (file: string): string => JSON.stringify(pathToFileURL(join(folder, file)).href);
  const text = `
    import { createInterface } from 'node:readline';
    const { systemClock } = await import(${from('clock.js')});
    const { within } = await import(${from('within.js')});
    const lines = createInterface({ input: process.stdin });
    const line = new Promise((resolve) => lines.once('line', resolve));
    ${script}
    process.exit();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return { child, output: new Promise((resolve) => child.on('close', () => resolve(output.trim()))) };
}

/** Lets a process that has stopped itself go on after a while, with a line that it was sent meanwhile. */
async function goOn(child: ChildProcess): Promise<void> {
  const state = (): string => /^State:\s*(\S)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? '';
  await expect.poll(state, { timeout: 20_000 }).toBe('T');
  child.stdin?.write('answer\n');
  await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
  child.kill('SIGCONT');
}

describe.skipIf(process.platform !== 'linux')('a process that was stopped', () => {
  const STOP = "process.kill(process.pid, 'SIGSTOP');";

  test('knows it as soon as it goes on', async () => {
    const { child, output } = run(
      `console.log(systemClock.gaps()); ${STOP} console.log(systemClock.gaps()); console.log(systemClock.gaps());`,
    );
    await goOn(child);
    expect(await output).toBe('0\n1\n1');
  }, 40_000);

  test('takes an answer that came meanwhile, though its time is up too', async () => {
    const { child, output } = run(
      `const work = within(systemClock, 1_000, 'x', line); ${STOP} console.log(await work.catch(({ code }) => code));`,
    );
    await goOn(child);
    expect(await output).toBe('answer');
  }, 40_000);
});

test('nothing keeps a process alive that has asked for gaps', async () => {
  const { child, output } = run('console.log(systemClock.gaps()); lines.close(); process.exit = () => {};');
  child.stdin?.end();
  expect(await output).toBe('0');
}, 40_000);
