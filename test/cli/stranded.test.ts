import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { buildProgram } from '../agent/built-program.ts';
import { buildPayload } from '../fake-volume/index.ts';
import { parseEvent, temporaryFile } from './harness.ts';

let main: string;
beforeAll(() => {
  main = buildProgram('spacepack-stranded-test');
});

/** The program on an image, where opening a file does this first. */
function verifyWhere(opening: string): { readonly status: number | null; readonly stdout: string } {
  const patch = `import { promises } from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
    if (process.argv[1].endsWith('program.js')) {
      const real = promises.open;
      promises.open = (path, ...rest) => String(path).endsWith('.dfu') ? (${opening})() : real(path, ...rest);
      syncBuiltinESMExports();
    }`;
  const preload = `data:text/javascript,${encodeURIComponent(patch)}`;
  const argv = ['--import', preload, main, 'verify', temporaryFile('firmware.dfu', buildPayload()), '--json'];
  return spawnSync(process.execPath, argv, { encoding: 'utf8' });
}

test.each([
  [
    'that is left with nothing to wait for',
    '() => { const real = setTimeout; globalThis.setTimeout = (...all) => real(...all).unref(); return new Promise(() => {}); }',
  ],
  ['in which an error goes unhandled', "() => new Promise(() => setImmediate(() => { throw new Error('loose'); }))"],
  ['in which a rejection goes unhandled', "() => new Promise(() => void Promise.reject(new Error('loose')))"],
])('a process %s tells its result all the same', (_, opening) => {
  const { status, stdout } = verifyWhere(opening);
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  expect({ status, result: parseEvent(last) }).toMatchObject({
    status: 1,
    result: { event: 'result', code: 'unexpected' },
  });
});

/** The program, where an error goes unhandled as soon as it has begun: before any command listens. */
function begunBadly(...argv: readonly string[]) {
  const patch = `if (process.send) {
      const send = process.send.bind(process);
      process.send = (message, ...rest) => {
        globalThis.hasBegun ??= message === 'begun';
        return send(message, ...rest);
      };
      const on = process.on.bind(process);
      process.on = (name, ...rest) => {
        if (name === 'uncaughtException' && globalThis.hasBegun) process.nextTick(() => { throw new Error('loose'); });
        return on(name, ...rest);
      };
    }`;
  const preload = `data:text/javascript,${encodeURIComponent(patch)}`;
  return spawnSync(process.execPath, ['--import', preload, main, ...argv], { encoding: 'utf8' });
}

test('an error from before any command listens is told to the first that does', () => {
  const image = temporaryFile('firmware.dfu', buildPayload());
  const { status, stdout } = begunBadly('verify', image, '--json');
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  expect({ status, result: parseEvent(last) }).toMatchObject({ status: 1, result: { code: 'unexpected' } });
});

test('an error that no command is there to hear is not swallowed', () => {
  expect(begunBadly('--help')).toMatchObject({ status: 1, stderr: expect.stringContaining('loose') });
});
