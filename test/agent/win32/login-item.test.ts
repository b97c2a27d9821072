import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { carryOut } from '../../../src/agent/steps.ts';
import { win32LoginItem } from '../../../src/agent/win32/login-item.ts';
import { programOfTask, TASK, taskText } from '../../../src/agent/win32/task.ts';
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
    run: async (_, args) => {
      const [verb, , name = '', , path = ''] = args;
      if (verb === '/Create') tasks.set(name, readFileSync(path, 'utf16le'));
      if (verb === '/Delete') tasks.delete(name);
      if (verb === '/Query') return tasks.has(name) ? ran(0, tasks.get(name)) : ran(1, '', 'ERROR: cannot find');
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

test('the task has no more rights than its user, starts at the logon and then daily, one at a time', () => {
  const text = taskText(WISH, 'OFFICE\\me', POWERSHELL);
  expect(text).toContain('<RunLevel>LeastPrivilege</RunLevel>');
  expect(text).toContain('<Interval>PT24H</Interval>');
  expect(text).toContain('<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>');
  expect(text).toContain('O&apos;&apos;Neil &amp; Co');
  expect(programOfTask(text)).toEqual(WISH.program);
});

test('it is said to be experimental', async () => {
  expect((await aScheduler().item.install(WISH)).advice.join()).toContain('experimental');
});
