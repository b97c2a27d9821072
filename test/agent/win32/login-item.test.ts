import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { carryOut } from '../../../src/agent/steps.ts';
import { win32LoginItem } from '../../../src/agent/win32/login-item.ts';
import { programOfTask, TASK, taskText } from '../../../src/agent/win32/task.ts';
import { quoted, unquoted } from '../../../src/volume/win32/powershell.ts';
import { temporaryFile } from '../../cli/harness.ts';
import { aComputer, ran } from '../a-computer.ts';

const WISH = {
  program: { node: 'C:\\Program Files\\nodejs\\node.exe', script: "C:\\Users\\O'Neil & Co\\main.js" },
  variables: { SPACEPACK_STATE_DIR: 'D:\\state' },
  hours: 24,
  logFolder: 'D:\\logs',
};

const POWERSHELL = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';

/** A Task Scheduler that keeps what it is given. */
function aScheduler() {
  const tasks = new Map<string, string>();
  const machine = aComputer({
    platform: 'win32',
    uid: null,
    variables: { USERDOMAIN: 'OFFICE', USERNAME: 'me' },
    program: async () => WISH.program,
    run: async (program, args) => {
      const [verb, , name = '', , path = ''] = args;
      if (verb === '/Create') tasks.set(name, readFileSync(path, 'utf16le'));
      if (verb === '/Delete') tasks.delete(name);
      // schtasks converts what it shows to the console's code page; PowerShell was told to write UTF-8.
      if (program === 'powershell.exe') return ran(0, [...tasks.values()].join(''));
      return ran(0);
    },
  });
  return { machine, tasks, item: win32LoginItem(machine) };
}

test('a task is made, found, and deleted', async () => {
  const { item, machine, tasks } = aScheduler();
  expect((await item.uninstall()).steps).toEqual([]);
  for (const step of (await item.install({ ...WISH, logFolder: await machine.logDirectory() })).steps) {
    await carryOut(step, machine.run);
  }
  expect(tasks.get(TASK)?.startsWith('\ufeff<?xml')).toBe(true);
  // By its name alone, Windows might find another one.
  expect(tasks.get(TASK)).toContain(`<Command>${POWERSHELL}</Command>`);
  expect(await item.inspect()).toMatchObject({ installed: true, active: true, program: WISH.program });
  for (const step of (await item.uninstall()).steps) await carryOut(step, machine.run);
  expect(tasks.size).toBe(0);
});

test('a program in a folder whose name the console cannot show is the one that is found', async () => {
  const { item, machine } = aScheduler();
  const program = { ...WISH.program, script: 'C:\\Users\\Người\\main.js' };
  for (const step of (await item.install({ ...WISH, program, logFolder: await machine.logDirectory() })).steps) {
    await carryOut(step, machine.run);
  }
  expect(await item.inspect()).toMatchObject({ installed: true, program });
});

test('a task that cannot be asked for is "not known", never "not installed"', async () => {
  const failing = aComputer({ platform: 'win32', run: async () => ran(1, '', 'Access is denied.') });
  await expect(win32LoginItem(failing).inspect()).rejects.toMatchObject({ code: 'not-ready' });
});

test('the task has no more rights than its user, starts at the logon and then daily, one at a time', () => {
  const text = taskText(WISH, 'OFFICE\\me', POWERSHELL);
  expect(text).toContain('<RunLevel>LeastPrivilege</RunLevel>');
  expect(text).toContain('<Interval>PT24H</Interval>');
  expect(text).toContain('<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>');
  expect(text).toContain('O&apos;&apos;Neil &amp; Co');
  expect(programOfTask(text)).toEqual(WISH.program);
});

const hasXmllint = (() => {
  try {
    execFileSync('xmllint', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** The text at a place of the file that the Task Scheduler gets, by another reader of XML. */
async function readElsewhere(content: string, place: string): Promise<string> {
  const path = temporaryFile('task.xml', '');
  await carryOut({ kind: 'write', path, content, encoding: 'utf16le' }, aComputer().run);
  return execFileSync('xmllint', ['--xpath', `string(//*[local-name()="${place}"])`, path], { encoding: 'utf8' });
}

test.runIf(hasXmllint)('the file holds the very command, whatever the names in it are', async () => {
  const names = [
    "O'Neil & Co",
    '&lt;b&gt; &amp;lt;',
    '<Command>x</Command>',
    ']]>',
    '‘’ ‚ ‛',
    '$(Arg0) `n $env:x',
    'é🔑',
  ];
  for (const name of names) {
    const program = { node: `C:\\${name}\\node.exe`, script: `C:\\${name}.js` };
    const text = taskText({ ...WISH, program, variables: { NO_PROXY: name } }, `OFFICE\\${name}`, POWERSHELL);
    expect((await readElsewhere(text, 'Command')).trimEnd()).toBe(POWERSHELL);
    expect((await readElsewhere(text, 'UserId')).trimEnd()).toBe(`OFFICE\\${name}`);
    const [, variable, words] =
      /-Command "\$env:NO_PROXY = (.*); & (.*); exit/.exec(await readElsewhere(text, 'Arguments')) ?? [];
    expect(variable).toBe(quoted(name));
    expect(words).toMatch(/^'.*' '.*' 'agent' 'run' '--once' '--quiet'$/);
    expect(programOfTask(text)).toEqual(program);
  }
});

test('a literal of PowerShell ends where it is meant to', () => {
  const literal = /^'(?:[^'\u2018-\u201b]|(['\u2018-\u201b])\1)*'$/;
  for (const text of ["it's", '’; Remove-Item ‘', "'", "''’", '‚‛', '$(id) `"']) {
    expect(quoted(text)).toMatch(literal);
    expect(unquoted(quoted(text).slice(1, -1))).toBe(text);
  }
});

test('it is said to be experimental', async () => {
  expect((await aScheduler().item.install(WISH)).advice.join()).toContain('experimental');
});
