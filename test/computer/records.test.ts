import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRecordStore, parseRecord } from '../../src/computer/records.ts';
import { fileNameOf } from '../../src/computer/state-directory.ts';
import type { OpenRecord } from '../../src/protocol/commitment.ts';
import { temporaryFolder } from '../volume/a-volume.ts';
import { AS_NOBODY, canRun, compiled, otherProcess } from './a-process.ts';

const RECORD: OpenRecord = {
  serial: 'SP0042',
  action: 'install',
  nonce: '0123456789abcdef0123456789abcdef',
  family: 'spacepack',
  memory: { bootCount: 7, session: '0123456789abcdef' },
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
    await store.save({ ...RECORD, memory: { some: 'thing' } });
    expect(await createRecordStore(async () => folder).list()).toEqual([{ ...RECORD, memory: { some: 'thing' } }]);
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

  test('one that its family does not understand counts as none, and is set aside', async () => {
    const folder = await temporaryFolder();
    const told: string[] = [];
    const understood = { ...RECORD, nonce: 'e'.repeat(32), family: 'later' };
    const store = createRecordStore(
      async () => folder,
      (text) => told.push(text),
      ({ family }) => family === 'later',
    );
    await store.save(RECORD);
    await store.save(understood);
    expect(await store.list()).toEqual([understood]);
    expect(told).toHaveLength(1);
    await store.prepare();
    expect(readdirSync(join(folder, 'records')).filter((name) => name.endsWith('.unreadable'))).toHaveLength(1);
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
    ['of a later format', (text: string) => text.replace('"format": 3', '"format": 4')],
    ['of another serial', (text: string) => text.replace('SP0042', 'SP0043')],
    ['with a nonce that is none', (text: string) => text.replace('0123456789abcdef0123456789abcdef', '../../x')],
  ])('a record that is %s counts as none, is told of, and set aside before the next commit', async (_, spoil) => {
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
    expect(existsSync(path)).toBe(true);
    expect(notices).toHaveLength(1);
    await store.prepare();
    expect(existsSync(`${path}.unreadable`)).toBe(true);
    await store.save(RECORD);
    expect(await store.list()).toEqual([RECORD]);
  });

  test('one that is damaged does not hide the others', async () => {
    const folder = await temporaryFolder();
    const store = createRecordStore(async () => folder);
    await store.save(RECORD);
    writeFileSync(join(folder, 'records', 'a.json'), '{');
    mkdirSync(join(folder, 'records', 'b.json'));
    expect(await store.list()).toEqual([RECORD]);
    await store.prepare();
    expect(readdirSync(join(folder, 'records')).filter((name) => name.endsWith('.unreadable'))).toHaveLength(2);
    await store.close(RECORD.nonce);
    expect(await store.list()).toEqual([]);
  });

  test('looking for them makes and changes nothing', async () => {
    const state = join(await temporaryFolder(), 'state');
    const store = createRecordStore(async () => state);
    expect(await store.list()).toEqual([]);
    await store.close(RECORD.nonce);
    expect(existsSync(state)).toBe(false);
  });

  test('preparing leaves nothing behind', async () => {
    const folder = await temporaryFolder();
    await createRecordStore(async () => folder).prepare();
    expect(readdirSync(join(folder, 'records'))).toEqual([]);
  });

  test.each<[string, (folder: string) => void]>([
    ['is a file', (folder) => writeFileSync(join(folder, 'state'), '')],
    [
      'has a file where the records belong',
      (folder) => {
        mkdirSync(join(folder, 'state'));
        writeFileSync(join(folder, 'state', 'records'), '');
      },
    ],
  ])('a state folder that %s is told of by every verb, before anything is committed', async (_, spoil) => {
    const folder = await temporaryFolder();
    spoil(folder);
    const store = createRecordStore(async () => join(folder, 'state'));
    const ownDisk = { code: 'own-disk' };
    await expect(store.prepare()).rejects.toMatchObject(ownDisk);
    await expect(store.save(RECORD)).rejects.toMatchObject(ownDisk);
    await expect(store.list()).rejects.toMatchObject(ownDisk);
    await expect(store.close(RECORD.nonce)).rejects.toMatchObject(ownDisk);
  });

  test('a user without a home is told so, and not to report it', async () => {
    const homeless = Object.assign(new Error('uv_os_homedir returned ENOENT'), {
      code: 'ERR_SYSTEM_ERROR',
      syscall: 'uv_os_homedir',
    });
    const store = createRecordStore(() => Promise.reject(homeless));
    await expect(store.list()).rejects.toMatchObject({ code: 'own-disk' });
  });

  test('any text is a record or none, and nothing is thrown', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseRecord(text) === null));
  });
});

const RECORDS = compiled('src/computer/records.ts');

describe.skipIf(!canRun(AS_NOBODY[0] ?? '', ...AS_NOBODY.slice(1), process.execPath, RECORDS))(
  'what this user may not touch',
  () => {
    /** What a verb of the store says to a user who is nobody. */
    const asNobody = async (state: string, call: string): Promise<string> => {
      const script = `const { createRecordStore } = await import(${JSON.stringify(RECORDS)});
        const store = createRecordStore(async () => ${JSON.stringify(state)});
        process.stdout.write(await store.${call}.then(() => 'done', (thrown) => String(thrown.code)) + '\\n');`;
      return (await otherProcess(script, AS_NOBODY)).said;
    };

    test('a record that cannot be read is not "none open"', async () => {
      const folder = await temporaryFolder();
      chmodSync(folder, 0o755);
      await createRecordStore(async () => folder).save(RECORD);
      chmodSync(join(folder, 'records'), 0o755);
      expect(await asNobody(folder, 'list()')).toBe('own-disk');
    });

    test('a folder of records that cannot be entered is not an empty one', async () => {
      const folder = await temporaryFolder();
      chmodSync(folder, 0o755);
      await createRecordStore(async () => folder).prepare();
      expect(await asNobody(folder, 'list()')).toBe('own-disk');
    });

    test('a home of somebody else is no place for a record', async () => {
      const folder = await temporaryFolder();
      chmodSync(folder, 0o755);
      expect(await asNobody(folder, 'list()')).toBe('done');
      expect(await asNobody(folder, 'prepare()')).toBe('own-disk');
    });
  },
);

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
