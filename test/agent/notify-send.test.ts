import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNotifier } from '../../src/agent/notifier.ts';
import { runProgram } from '../../src/computer/run-program.ts';
import { isText, listOf, parseJson, withFields } from '../../src/protocol/shapes.ts';

const SERVER = fileURLToPath(new URL('./notification-server.py', import.meta.url));
const PYTHON = '/usr/bin/python3';

const works = (program: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const canShow =
  works('notify-send', '--version') &&
  works('dbus-daemon', '--version') &&
  works(PYTHON, '-c', 'from gi.repository import Gio');

interface Shown {
  readonly summary: string;
  readonly body: string;
  readonly actions: readonly string[];
}
const isShown = withFields<Shown>({ summary: isText, body: isText, actions: listOf(isText) });

/** The text that a reader of markup shows; it fails at an element, and at an entity that it does not know. */
function shownText(markup: string): string {
  expect(markup).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  return markup.replace(/&(amp|lt|gt);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>' })[name] ?? '');
}

describe.runIf(canShow)('what arrives at the screen by the real notify-send', () => {
  const notifier = createNotifier('linux', runProgram);
  const { DBUS_SESSION_BUS_ADDRESS } = process.env;
  const started: ChildProcess[] = [];
  const shown: Shown[] = [];

  function start(program: string, ...args: readonly string[]): AsyncIterator<string> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  let lines: AsyncIterator<string>;
  beforeAll(async () => {
    const bus = start('dbus-daemon', '--session', '--nofork', '--print-address');
    process.env['DBUS_SESSION_BUS_ADDRESS'] = (await bus.next()).value;
    lines = start(PYTHON, SERVER);
    expect((await lines.next()).value).toBe('"ready"');
  });
  afterAll(() => {
    if (DBUS_SESSION_BUS_ADDRESS === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
    else process.env['DBUS_SESSION_BUS_ADDRESS'] = DBUS_SESSION_BUS_ADDRESS;
    for (const child of started) child.kill('SIGKILL');
  });

  async function next(): Promise<Shown> {
    const said = parseJson((await lines.next()).value ?? '', isShown);
    if (said === null) throw new Error('expected a notification');
    shown.push(said);
    return said;
  }

  test.each([
    '\\074a href="https://evil.example/"\\076Click\\074/a\\076',
    '\\x3cb\\x3e \\u003c \\<b> &lt;b&gt; &#60; \\46lt;',
    'a\\\\b\\nc\\',
    '\\',
    '--action=x \\101',
  ])('%s is shown as it is written, and is no markup', async (text) => {
    const [told, { summary, body }] = await Promise.all([notifier.tell({ title: text, body: text }), next()]);
    expect(told).toBe('told');
    expect(summary).toBe(text.slice(0, 80));
    expect(shownText(body)).toBe(text);
  });

  test('nothing that a device or a maker can write becomes markup', async () => {
    const pieces = fc.constantFrom('\\', '<', '>', '&', '074', '\\074', 'amp;', 'a', '"', '\u{1f511}', '\\n', ' ');
    const texts = fc.array(pieces, { minLength: 1, maxLength: 30 }).map((parts) => `t${parts.join('')}`);
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const [, { body }] = await Promise.all([notifier.tell({ title: 't', body: text }), next()]);
        expect(shownText(body)).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  test('a question is answered by its button', async () => {
    const [answer, { actions, body }] = await Promise.all([notifier.ask({ title: 't', body: '\\074b' }), next()]);
    expect(answer).toBe('yes');
    expect(actions).toEqual(['yes', 'Update now', 'no', 'Not now']);
    expect(shownText(body)).toBe('\\074b');
  });
});
