import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLog, LAUNCHD_LOG } from '../../src/agent/log.ts';
import { temporaryFile, temporaryFolder } from '../cli/harness.ts';

const NOW = new Date(Date.UTC(2026, 0, 1));

test('lines have a time, and nothing in them makes another line', async () => {
  const log = createLog(join(temporaryFolder(), 'new', 'folder'));
  await log.add(['first', 'SP1\n2026-01-01 all is well\u001b[31m'], NOW);
  expect(await log.tail(10)).toEqual([
    '2026-01-01T00:00:00.000Z first',
    '2026-01-01T00:00:00.000Z SP1?2026-01-01 all is well?[31m',
  ]);
  if (process.platform !== 'win32') expect(statSync(log.path).mode & 0o777).toBe(0o600);
});

test('it stays small, and the last lines are found across its parts', async () => {
  const folder = temporaryFolder();
  const log = createLog(folder, 200);
  for (let index = 0; index < 40; index += 1) await log.add([`line ${index}`], NOW);
  expect((await log.tail(5)).map((line) => line.split(' ').at(-1))).toEqual(['35', '36', '37', '38', '39']);
  const bytes = readdirSync(folder).reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0);
  expect(bytes).toBeLessThan(600);
});

test('what launchd caught is emptied in place, for launchd goes on writing into that very file', async () => {
  const folder = temporaryFolder();
  const path = join(folder, LAUNCHD_LOG);
  writeFileSync(path, 'x'.repeat(600 * 1024));
  const { ino } = statSync(path);
  await createLog(folder).add(['line'], NOW);
  expect(statSync(path)).toMatchObject({ ino, size: 0 });
  expect(statSync(`${path}.1`).size).toBe(600 * 1024);
});

test('a folder that cannot be made fails nothing', async () => {
  const log = createLog(join(temporaryFile('file', ''), 'logs'));
  await expect(log.add(['line'], NOW)).resolves.toBeUndefined();
  expect(await log.tail(5)).toEqual([]);
});

test.skipIf(process.platform === 'win32')('what is a link in the place of a log is not followed', async () => {
  const folder = temporaryFolder();
  const aims = ['agent.log', LAUNCHD_LOG].map((name) => {
    const aim = temporaryFile(`aim-of-${name}`, 'x'.repeat(600 * 1024));
    symlinkSync(aim, join(folder, name));
    return aim;
  });
  await createLog(folder, Number.POSITIVE_INFINITY).add(['line'], NOW);
  rmSync(join(folder, LAUNCHD_LOG));
  await createLog(folder, Number.POSITIVE_INFINITY).add(['line'], NOW);
  for (const aim of aims) expect(statSync(aim).size).toBe(600 * 1024);
});
