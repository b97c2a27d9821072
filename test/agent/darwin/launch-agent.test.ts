import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { launchAgentText, probeJobText, programOfPlist } from '../../../src/agent/darwin/launch-agent.ts';
import { temporaryFile } from '../../cli/harness.ts';
import { WISH } from './a-mac.ts';

const HOME = '/Users/me';
const HOSTILE = {
  ...WISH,
  program: { node: '/opt/<node> & "co"/bin/node', script: "/Users/mé/it's/main.js" },
  variables: { HTTPS_PROXY: 'http://proxy:8080/?a&b' },
};

const hasPlistutil = (() => {
  try {
    execFileSync('plistutil', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** The values of the XML that libplist writes, which is always laid out alike. */
function readXml(tokens: string[]): unknown {
  const token = tokens.shift() ?? '';
  const [, name, text = ''] = /^<(string|integer|key)>([^<]*)/.exec(token) ?? [];
  if (name === 'integer') return Number(text);
  if (name !== undefined) return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
  if (token === '<array>' || token === '<dict>') {
    const values: unknown[] = [];
    while (!tokens[0]?.startsWith('</')) values.push(readXml(tokens));
    tokens.shift();
    if (token === '<array>') return values;
    return Object.fromEntries(Array.from({ length: values.length / 2 }, (_, i) => values.slice(2 * i, 2 * i + 2)));
  }
  if (token === '<true/>') return true;
  throw new Error(`unexpected ${token}`);
}

/** What another reader of property lists makes of a text: from XML to binary and back by libplist. */
function readElsewhere(text: string): unknown {
  const source = temporaryFile('job.plist', text);
  execFileSync('plistutil', ['-i', source, '-o', `${source}.bin`, '-f', 'bin']);
  execFileSync('plistutil', ['-i', `${source}.bin`, '-o', `${source}.xml`, '-f', 'xml']);
  const xml = readFileSync(`${source}.xml`, 'utf8').replace(/^[\s\S]*?<plist[^>]*>/, '');
  return readXml(xml.match(/<(string|integer|key)>[^<]*<\/\1>|<\/?(?:dict|array)>|<true\/>/g) ?? []);
}

describe.runIf(hasPlistutil)('as libplist reads it', () => {
  test('the login item runs at login, at each mount, and daily; nothing of it stays', async () => {
    expect(readElsewhere(await launchAgentText(WISH, HOME))).toEqual({
      Label: 'io.github.spacepack.agent',
      ProgramArguments: [WISH.program.node, WISH.program.script, 'agent', 'run', '--once', '--quiet'],
      RunAtLoad: true,
      StartOnMount: true,
      StartInterval: 86_400,
      ThrottleInterval: 10,
      LimitLoadToSessionType: 'Aqua',
      ProcessType: 'Standard',
      ExitTimeOut: 30,
      Umask: 0o077,
      WorkingDirectory: HOME,
      StandardOutPath: '/Users/me/Library/Logs/spacepack/launchd.log',
      StandardErrorPath: '/Users/me/Library/Logs/spacepack/launchd.log',
    });
  });

  test('a path is a path, whatever is in it', async () => {
    const read = readElsewhere(await launchAgentText(HOSTILE, HOME));
    expect(read).toMatchObject({
      ProgramArguments: [HOSTILE.program.node, HOSTILE.program.script, 'agent', 'run', '--once', '--quiet'],
      EnvironmentVariables: HOSTILE.variables,
    });
  });

  test('the probe runs once', async () => {
    const read = readElsewhere(await probeJobText(WISH, HOME, '/tmp/finding'));
    expect(read).toMatchObject({ RunAtLoad: true, Label: 'io.github.spacepack.probe' });
    expect(read).not.toHaveProperty('StartOnMount');
    expect(read).not.toHaveProperty('StartInterval');
    expect(read).not.toHaveProperty('KeepAlive');
  });
});

test('what it starts is read back from it', async () => {
  expect(await programOfPlist(await launchAgentText(HOSTILE, HOME))).toEqual(HOSTILE.program);
});

test.each([[''], ['hello'], ['<?xml version="1.0"?><plist><dict></dict></plist>'], ['<?xml version="1.0"?><plist>']])(
  'out of %j nothing is read',
  async (text) => {
    expect(await programOfPlist(text)).toBeNull();
  },
);

test.each(['\r', '\n', '\t', '\u0001', '\u0085', '\uffff', '\ud800'])(
  'a path with %j in it, which XML cannot hold, is refused by name',
  async (character) => {
    const node = `/opt/no${character}de`;
    const found = expect.stringContaining(JSON.stringify(node));
    const wish = { ...WISH, program: { ...WISH.program, node } };
    for (const text of [launchAgentText(wish, HOME), probeJobText(wish, HOME, '/tmp/found')]) {
      await expect(text).rejects.toMatchObject({ code: 'not-ready', message: found });
    }
  },
);
