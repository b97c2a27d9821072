import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentFolder } from '../../../../src/agent/agent-computer.ts';
import {
  checkHistory,
  checkLocks,
  checkRecords,
  checkSettings,
  checkStateFolder,
} from '../../../../src/cli/commands/doctor/own-files.ts';
import { createLockStore } from '../../../../src/computer/locks.ts';
import { createRecordStore } from '../../../../src/computer/records.ts';
import type { OpenRecord } from '../../../../src/protocol/commitment.ts';
import { FAMILIES } from '../../../../src/protocol/families.ts';
import { aComputer } from '../../../agent/a-computer.ts';
import { temporaryFile, temporaryFolder } from '../../harness.ts';

const record: OpenRecord = {
  serial: 'SP1',
  action: 'install',
  nonce: '0f'.repeat(16),
  family: 'spacepack',
  memory: { bootCount: 1, session: '0123456789abcdef' },
  newImage: 'a'.repeat(64),
  oldImage: null,
  fromVersion: '1.0.0+0',
  toVersion: '2.0.0+0',
  port: null,
  timing: { quietMs: 1_500, quietDirtyMs: 40_000, maxAwayMs: 120_000 },
  committedAt: '2026-01-01T00:00:00.000Z',
};

test('a state folder that can be written to is good, and nothing is left in it', async () => {
  const folder = temporaryFolder();
  expect(await checkStateFolder(folder)).toMatchObject({ state: 'good' });
  expect(readdirSync(folder)).toEqual([]);
});

test('one that is a file is broken: nothing may be committed without a record', async () => {
  expect(await checkStateFolder(temporaryFile('state', ''))).toMatchObject({ state: 'broken' });
});

test('an update whose end is not known is named', async () => {
  const folder = temporaryFolder();
  expect(await checkRecords(folder, FAMILIES)).toMatchObject([{ state: 'good' }]);
  await createRecordStore(async () => folder).save(record);
  expect(await checkRecords(folder, FAMILIES)).toMatchObject([
    {
      state: 'note',
      message: expect.stringMatching(/SP1.*2\.0\.0\+0.*2026-01-01/),
      remedy: expect.stringMatching(/^Plug/),
    },
  ]);
  await createRecordStore(async () => folder).save({ ...record, memory: {} });
  expect(await checkRecords(folder, FAMILIES)).toMatchObject([{ remedy: expect.stringMatching(/cannot/) }]);
});

test('records that cannot be looked at are not "none open"', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'records'), '');
  expect(await checkRecords(folder, FAMILIES)).toMatchObject([{ topic: 'records', state: 'broken' }]);
});

test('records that cannot be understood are named', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'records'));
  writeFileSync(join(folder, 'records', 'a.json'), '{}');
  writeFileSync(join(folder, 'records', 'b.json.unreadable'), '');
  expect(await checkRecords(folder, FAMILIES)).toMatchObject([{ state: 'note' }, { state: 'note' }]);
});

test('a record that cannot be read, or that others could have written, is not "cannot be understood"', async () => {
  const folder = temporaryFolder();
  await createRecordStore(async () => folder).save(record);
  const [name = ''] = readdirSync(join(folder, 'records'));
  chmodSync(join(folder, 'records', name), 0o666);
  mkdirSync(join(folder, 'records', 'a.json'));
  expect(await checkRecords(folder, FAMILIES)).toMatchObject([{ state: 'broken' }, { state: 'broken' }]);
  chmodSync(join(folder, 'records'), 0o777);
  expect(await checkRecords(folder, FAMILIES)).toMatchObject([{ state: 'broken' }]);
});

test('a history that others could have written is named: the login item does nothing until then', async () => {
  const machine = aComputer();
  expect(await checkHistory(machine)).toEqual([]);
  const path = join(await agentFolder(machine), 'journal.ndjson');
  writeFileSync(path, '');
  chmodSync(path, 0o666);
  const message = expect.stringContaining(path);
  expect(await checkHistory(machine)).toMatchObject([{ topic: 'history', state: 'note', message }]);
});

test('locks that cannot be listed are not "none held"', async () => {
  const found = await checkLocks(() => Promise.reject(new Error('EACCES')));
  expect(found).toMatchObject([{ state: 'note', message: expect.stringContaining('EACCES') }]);
});

test('a run that holds a device is named, until it has ended', async () => {
  const device = `SP-doctor-${process.pid}`;
  const unlock = await createLockStore().acquire(device);
  const message = expect.stringMatching(new RegExp(`process ${process.pid} of .* ${device}`));
  expect(await checkLocks()).toContainEqual(expect.objectContaining({ state: 'note', message }));
  await unlock();
  expect(await checkLocks()).not.toContainEqual(expect.objectContaining({ message }));
  expect(await checkLocks(async () => [])).toMatchObject([{ state: 'good' }]);
});

test('settings that name a key which is none are broken', async () => {
  const folder = temporaryFolder();
  const variables = { SPACEPACK_CONFIG_DIR: folder };
  expect(await checkSettings({ families: FAMILIES, variables })).toMatchObject({ state: 'good' });
  writeFileSync(join(folder, 'settings.toml'), 'keys = ["none.pem"]');
  expect(await checkSettings({ families: FAMILIES, variables })).toMatchObject({
    state: 'broken',
    message: expect.stringContaining('none.pem'),
  });
});
