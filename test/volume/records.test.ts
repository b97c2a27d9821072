import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OpenRecord } from '../../src/volume/port.ts';
import { createRecordStore, parseRecord } from '../../src/volume/records.ts';
import { fileNameOf } from '../../src/volume/state-directory.ts';
import { temporaryFolder } from './a-volume.ts';

const RECORD: OpenRecord = {
  serial: 'SP0042',
  action: 'install',
  nonce: '0123456789abcdef0123456789abcdef',
  bootCount: 7,
  session: '0123456789abcdef',
  newImage: 'a'.repeat(64),
  oldImage: null,
  fromVersion: '1.0.0+0',
  toVersion: '1.1.0+0',
  port: '1-2',
  timing: { quietMs: 1_500, quietDirtyMs: 40_000, maxAwayMs: 120_000 },
  committedAt: '2026-01-02T03:04:05.678Z',
};

describe('records', () => {
  test('what was saved is loaded by another run, until it is closed', async () => {
    const folder = await temporaryFolder();
    const store = createRecordStore(async () => folder);
    expect(await store.list()).toEqual([]);
    await store.save(RECORD);
    await store.save({ ...RECORD, bootCount: 8 });
    expect(await createRecordStore(async () => folder).list()).toEqual([{ ...RECORD, bootCount: 8 }]);
    await store.close(RECORD.nonce);
    await store.close(RECORD.nonce);
    expect(await store.list()).toEqual([]);
    expect(readdirSync(join(folder, 'records'))).toEqual([]);
  });

  test('two devices with one serial have a record each, and the newer comes first', async () => {
    const folder = await temporaryFolder();
    const store = createRecordStore(async () => folder);
    const later = { ...RECORD, nonce: 'f'.repeat(32), committedAt: '2026-01-03T00:00:00.000Z' };
    await store.save(RECORD);
    await store.save(later);
    expect(await store.list()).toEqual([later, RECORD]);
    await store.close(RECORD.nonce);
    expect(await store.list()).toEqual([later]);
  });

  test('one of the first format, which knew neither port nor pace, is still read and closed', async () => {
    const folder = await temporaryFolder();
    const store = createRecordStore(async () => folder);
    await store.prepare();
    const { port: _port, timing: _timing, ...first } = RECORD;
    const path = join(folder, 'records', `${await fileNameOf('SP0042')}.json`);
    writeFileSync(path, JSON.stringify({ format: 1, ...first }));
    const [found] = await store.list();
    expect(found).toMatchObject({ ...first, port: null });
    await store.close(RECORD.nonce);
    expect(existsSync(path)).toBe(false);
  });

  test('only this user may read them', async () => {
    const folder = await temporaryFolder();
    await createRecordStore(async () => join(folder, 'state')).save(RECORD);
    const records = join(folder, 'state', 'records');
    expect(statSync(records).mode & 0o777).toBe(0o700);
    expect(statSync(join(records, readdirSync(records)[0] ?? '')).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['torn', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
    ['of a later format', (text: string) => text.replace('"format": 2', '"format": 3')],
    ['of another serial', (text: string) => text.replace('SP0042', 'SP0043')],
    ['with a nonce that is none', (text: string) => text.replace('0123456789abcdef0123456789abcdef', '../../x')],
  ])('a record that is %s counts as none, is set aside and told of', async (_, spoil) => {
    const folder = await temporaryFolder();
    const notices: string[] = [];
    const store = createRecordStore(
      async () => folder,
      (text) => notices.push(text),
    );
    await store.save(RECORD);
    const path = join(folder, 'records', `${await fileNameOf('SP0042')}.${RECORD.nonce}.json`);
    writeFileSync(path, spoil(readFileSync(path, 'utf8')));
    expect(await store.list()).toEqual([]);
    expect(existsSync(`${path}.unreadable`)).toBe(true);
    expect(notices).toHaveLength(1);
    await store.save(RECORD);
    expect(await store.list()).toEqual([RECORD]);
  });

  test('a disk that cannot be written to is told of before anything is committed', async () => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const store = createRecordStore(async () => join(folder, 'file'));
    await expect(store.save(RECORD)).rejects.toMatchObject({ code: 'own-disk' });
  });

  test('any text is a record or none, and nothing is thrown', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseRecord(text) === null));
  });
});

describe('file names of serials', () => {
  test('hold no path, whatever the device says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (serial) => {
        expect(await fileNameOf(serial)).toMatch(/^[A-Za-z0-9_-]{17,57}$/);
      }),
    );
  });

  test.each([
    ['..', '.'],
    ['a/b', 'a_b'],
    ['abc', 'ABC'],
    ['x'.repeat(50), 'x'.repeat(51)],
  ])('%j and %j have different ones, also where case is ignored', async (one, other) => {
    expect((await fileNameOf(one)).toLowerCase()).not.toBe((await fileNameOf(other)).toLowerCase());
  });
});
