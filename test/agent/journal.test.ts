import { appendFileSync, mkdtempSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { createJournal } from '../../src/agent/journal.ts';
import { began, ended } from './an-entry.ts';

let folder: string;
const open = (fileBytes?: number) =>
  createJournal(async () => folder, ...(fileBytes === undefined ? [] : [{ fileBytes, keptFiles: 2 }]));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spacepack-journal-'));
});

test('what was written is read, in order, by a later run too', async () => {
  await open().append(began(0));
  await open().append(ended(1, 'applied'));
  expect(await open().entries()).toEqual([began(0), ended(1, 'applied')]);
});

test.skipIf(process.platform === 'win32')('nobody else may read it', async () => {
  await open().append(began(0));
  expect(statSync(join(folder, 'journal.ndjson')).mode & 0o777).toBe(0o600);
});

test('a last line that a crash cut off is left out, and does not swallow the next one', async () => {
  const path = join(folder, 'journal.ndjson');
  await open().append(began(0));
  await open().append(ended(1, 'applied'));
  truncateSync(path, statSync(path).size - 20);
  expect(await open().entries()).toEqual([began(0)]);
  await open().append(began(2));
  expect(await open().entries()).toEqual([began(0), began(2)]);
});

test.each([
  ['no JSON', 'hello'],
  ['no object', '[1]'],
  ['a time that no calendar has', JSON.stringify({ ...began(0), at: '+275760-09-13T00:00:00.000Z' })],
  ['a time before any', JSON.stringify({ ...began(0), at: '-271821-04-20T00:00:00Z' })],
  ['a time that is only a number', JSON.stringify({ ...began(0), at: '1' })],
  ['a day that there is not', JSON.stringify({ ...began(0), at: '2026-01-45T00:00:00Z' })],
  ['another event', JSON.stringify({ ...began(0), event: 'danced' })],
  ['a code of a later version', JSON.stringify({ ...ended(0, 'applied'), code: 'melted' })],
  ['no device', JSON.stringify({ ...began(0), device: 7 })],
  ['a name that every object has', JSON.stringify({ ...began(0), event: 'constructor' })],
])('a line with %s is left out', async (_, line) => {
  await open().append(began(0));
  appendFileSync(join(folder, 'journal.ndjson'), `${line}\n`);
  await open().append(began(1));
  expect(await open().entries()).toEqual([began(0), began(1)]);
});

test('it stays small: old parts are set aside, and the oldest dropped', async () => {
  const journal = open(1000);
  for (let minute = 0; minute < 60; minute += 1) {
    await journal.append(began(minute));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const entries = await journal.entries();
  expect(entries.at(-1)).toEqual(began(59));
  expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).toSorted());
  expect(readdirSync(folder).length).toBeLessThanOrEqual(3);
  const bytes = readdirSync(folder).reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0);
  expect(bytes).toBeLessThan(4500);
});
