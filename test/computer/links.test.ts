import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeThroughLink, writeWhole } from '../../src/computer/own-disk.ts';
import { run } from '../cli/harness.ts';

const place = mkdtempSync(join(tmpdir(), 'spacepack-links-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A link that somebody planted where a file of ours belongs, and what it points to. */
function planted(): { readonly link: string; readonly aim: string } {
  const folder = mkdtempSync(join(place, 'test-'));
  const [link, aim] = [join(folder, 'ours'), join(folder, 'theirs')];
  writeFileSync(aim, 'theirs');
  symlinkSync(aim, link);
  return { link, aim };
}

const contentOf = (path: string): string => readFileSync(path, 'utf8');

test('a file of ours replaces a planted link, and what it points to stays', async () => {
  const { link, aim } = planted();
  await writeWhole(link, 'ours');
  expect([contentOf(link), contentOf(aim), lstatSync(link).isSymbolicLink()]).toEqual(['ours', 'theirs', false]);
});

test('a link that points to nothing creates nothing elsewhere', async () => {
  const { link, aim } = planted();
  rmSync(aim);
  await writeWhole(link, 'ours');
  expect(contentOf(link)).toBe('ours');
  expect(() => lstatSync(aim)).toThrow();
});

test('history --html replaces a planted link, not what it points to', async () => {
  const { link, aim } = planted();
  expect((await run(['history', '--html', link])).status).toBe(0);
  expect(contentOf(aim)).toBe('theirs');
});

test('only the settings are written through a link, which stays one', async () => {
  const { link, aim } = planted();
  await writeThroughLink(link, 'ours');
  expect([contentOf(aim), lstatSync(link).isSymbolicLink()]).toEqual(['ours', true]);
});
