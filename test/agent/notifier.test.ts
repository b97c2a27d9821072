import { describe, expect, test } from 'vitest';
import { createNotifier } from '../../src/agent/notifier.ts';
import { availableWords, givenUpWords, outcomeWords, questionWords } from '../../src/agent/words.ts';
import type { Ran, RunProgram } from '../../src/computer/run-program.ts';
import type { Outcome } from '../../src/engine/report.ts';
import { MISSING, ran } from './a-computer.ts';

function recorded(answer: Ran): { readonly run: RunProgram; readonly calls: (readonly string[])[] } {
  const calls: (readonly string[])[] = [];
  return {
    calls,
    run: async (program, args) => {
      calls.push([program, ...args]);
      return answer;
    },
  };
}

const HOSTILE = { title: 'SP"1', body: '" & (do shell script "touch /tmp/x") & " <b>&\u0007\n\u202e$(id)' };

describe('what a device is called can do nothing', () => {
  test('on macOS: it is an argument of the script, not part of it', async () => {
    const { run, calls } = recorded(ran(0));
    await createNotifier('darwin', run).tell(HOSTILE);
    const [call = []] = calls;
    const scripts = call.filter((_, index) => call[index - 1] === '-e');
    expect(scripts.join('\n')).not.toContain('shell');
    expect(call.slice(-2)[0]).toBe('SP"1');
    expect(call.at(-1)).not.toMatch(/\p{C}/u);
  });

  test('on Linux: no option, and no markup', async () => {
    const { run, calls } = recorded(ran(0));
    await createNotifier('linux', run).tell({ title: '--action=x', body: HOSTILE.body });
    const [call = []] = calls;
    expect(call.indexOf('--')).toBeLessThan(call.indexOf('--action=x'));
    expect(call.at(-1)).toContain('&lt;b&gt;&amp;');
  });

  test('on Windows: it stays within its quotes', async () => {
    const { run, calls } = recorded(ran(0));
    await createNotifier('win32', run).tell({ title: "it's", body: "’; Remove-Item 'C:\\" });
    const script = Buffer.from(calls[0]?.at(-1) ?? '', 'base64').toString('utf16le');
    expect(script).toContain("'it''s', '’’; Remove-Item ''C:\\', 'Info'");
  });
});

test('the first text begins with a word of ours: osascript would take a hyphen for an option', () => {
  const offer = { product: '-e', device: '-e', from: '-e', to: '-e', notes: '-e' };
  const outcome = { verdict: 'failed', message: '-e', remedy: '-e' } as Outcome;
  for (const { title } of [
    availableWords(offer),
    questionWords(offer),
    outcomeWords(offer, outcome),
    givenUpWords(offer),
  ]) {
    expect(title).toMatch(/^[A-Z]/);
  }
});

test('a text is cut between characters, not within one', async () => {
  const { run, calls } = recorded(ran(0));
  await createNotifier('linux', run).tell({ title: '\u{1f511}'.repeat(100), body: `a${'\u{1f511}'.repeat(500)}` });
  expect(calls[0]?.slice(-2).join('')).not.toMatch(/\p{Cs}/u);
});

describe('a question', () => {
  test.each<[platform: NodeJS.Platform, ran: Ran, answer: string]>([
    ['darwin', ran(0, 'button returned:Update now, gave up:false\n'), 'yes'],
    ['darwin', ran(0, 'button returned:Not now, gave up:false\n'), 'no'],
    ['darwin', ran(0, 'button returned:, gave up:true\n'), 'no'],
    ['darwin', ran(1, '', 'execution error: No user interaction allowed. (-1713)'), 'unreachable'],
    ['linux', ran(0, 'yes\n'), 'yes'],
    ['linux', ran(0, 'no\n'), 'no'],
    ['linux', ran(0, ''), 'no'],
    ['linux', { ...MISSING, failure: 'too-slow' }, 'no'],
    ['linux', ran(1, '', 'Unknown option --action'), 'unreachable'],
    ['linux', MISSING, 'unreachable'],
    ['win32', ran(0, '6\r\n'), 'yes'],
    ['win32', ran(0, '-1\r\n'), 'no'],
    ['freebsd', ran(0, 'yes'), 'unreachable'],
  ])('on %s, answered %j, means %s', async (platform, answer, expected) => {
    expect(await createNotifier(platform, recorded(answer).run).ask({ title: 'a', body: 'b' })).toBe(expected);
  });
});

test.each<[NodeJS.Platform]>([['darwin'], ['linux'], ['win32'], ['aix']])(
  'without a program for it nobody is told on %s, and nothing fails',
  async (platform) => {
    expect(await createNotifier(platform, recorded(MISSING).run).tell({ title: 'a', body: 'b' })).toBe('unreachable');
  },
);
