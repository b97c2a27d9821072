import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agentFolder } from '../../src/agent/agent-computer.ts';
import { createJournal } from '../../src/agent/journal.ts';
import { loadLastRun, saveLastRun } from '../../src/agent/last-run.ts';
import { createRecordStore, type RecordStore } from '../../src/computer/records.ts';
import type { OpenRecord } from '../../src/protocol/commitment.ts';
import { toSpacepackError } from '../../src/protocol/errors.ts';
import { began } from '../agent/an-entry.ts';
import { temporaryFolder } from '../cli/harness.ts';

const RECORD: OpenRecord = {
  serial: 'SP0042',
  action: 'install',
  nonce: '0123456789abcdef0123456789abcdef',
  family: 'spacepack',
  memory: {},
  newImage: null,
  oldImage: null,
  fromVersion: null,
  toVersion: null,
  port: null,
  timing: { quietMs: 1_500, quietDirtyMs: 40_000, maxAwayMs: 120_000 },
  committedAt: '2026-01-02T03:04:05.678Z',
};
const RUN = { at: '2026-01-01T00:00:00Z', code: 'applied', message: '', devices: [] } as const;
const STRANGER = 4711;
const refused = (path: string) => ({ code: 'own-disk', message: expect.stringContaining(path) });

/** A state directory with a record, an entry of the journal and a last run, and all that reads them. */
async function aState() {
  const state = temporaryFolder();
  const computer = { stateDirectory: async () => state };
  const records = createRecordStore(computer.stateDirectory);
  await records.save(RECORD);
  const agent = await agentFolder(computer);
  const journal = createJournal(() => agentFolder(computer));
  await journal.append(began(0));
  await saveLastRun(agent, RUN);
  const [name = ''] = readdirSync(join(state, 'records'));
  return { records, journal, agent, folder: join(state, 'records'), record: join(state, 'records', name) };
}

const VERBS: readonly (readonly [string, (store: RecordStore) => Promise<unknown>])[] = [
  ['list', (store) => store.list()],
  ['prepare', (store) => store.prepare()],
  ['close', (store) => store.close(RECORD.nonce)],
];

describe.skipIf(process.platform === 'win32')('what others could have written is not believed', () => {
  test.each([0o777, 0o770, 0o702])('records in a folder of mode %o', async (mode) => {
    const { records, folder } = await aState();
    chmodSync(folder, mode);
    for (const [, verb] of VERBS) await expect(verb(records)).rejects.toMatchObject(refused(folder));
    chmodSync(folder, 0o755);
    expect(await records.list()).toEqual([RECORD]);
  });

  test('an empty folder that others can write to is not "none open"', async () => {
    const state = temporaryFolder();
    mkdirSync(join(state, 'records'));
    chmodSync(join(state, 'records'), 0o777);
    await expect(createRecordStore(async () => state).list()).rejects.toMatchObject(refused('records'));
  });

  test.each([0o666, 0o620])('a record of mode %o', async (mode) => {
    const { records, record } = await aState();
    chmodSync(record, mode);
    for (const [, verb] of VERBS) await expect(verb(records)).rejects.toMatchObject(refused(record));
  });

  test('a journal, to read and to write', async () => {
    const { journal, agent } = await aState();
    chmodSync(join(agent, 'journal.ndjson'), 0o666);
    await expect(journal.entries()).rejects.toMatchObject(refused('journal.ndjson'));
    await expect(journal.append(began(1))).rejects.toMatchObject(refused('journal.ndjson'));
    chmodSync(join(agent, 'journal.ndjson'), 0o600);
    writeFileSync(join(agent, 'journal.1767225600000.ndjson'), `${JSON.stringify(began(2))}\n`);
    chmodSync(join(agent, 'journal.1767225600000.ndjson'), 0o606);
    await expect(journal.entries()).rejects.toMatchObject(refused('journal.1767225600000.ndjson'));
  });

  test.each<[string, (path: string) => void]>([
    ['a folder', (path) => mkdirSync(path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['a symbolic link', (path) => symlinkSync('/etc/hostname', path)],
  ])('what cannot be a journal is named, and where it is: %s', async (what, put) => {
    const { journal, agent } = await aState();
    const path = join(agent, 'journal.ndjson');
    rmSync(path);
    put(path);
    const message = `${what}, which is not a regular file (${path})`;
    for (const verb of [() => journal.entries(), () => journal.append(began(1))]) {
      const thrown = await verb().then(null, toSpacepackError);
      expect(thrown).toMatchObject({ code: 'own-disk', message });
    }
  });

  test('what an agent remembers, in a folder that others can write to', async () => {
    const { journal, agent } = await aState();
    chmodSync(agent, 0o777);
    await expect(journal.entries()).rejects.toMatchObject(refused(agent));
    await expect(journal.append(began(1))).rejects.toMatchObject(refused(agent));
  });

  test('a last run', async () => {
    const { agent } = await aState();
    expect(await loadLastRun(agent)).toMatchObject(RUN);
    chmodSync(join(agent, 'last-run.json'), 0o666);
    await expect(loadLastRun(agent)).rejects.toMatchObject(refused('last-run.json'));
  });

  describe.runIf(process.getuid?.() === 0)('and of another owner', () => {
    test('no folder and no file is believed', async () => {
      const { records, journal, agent, folder, record } = await aState();
      chownSync(record, STRANGER, STRANGER);
      await expect(records.list()).rejects.toMatchObject(refused(record));
      chownSync(folder, STRANGER, STRANGER);
      await expect(records.list()).rejects.toMatchObject(refused(folder));
      chownSync(join(agent, 'journal.ndjson'), STRANGER, STRANGER);
      await expect(journal.entries()).rejects.toMatchObject(refused('journal.ndjson'));
      chownSync(agent, STRANGER, STRANGER);
      await expect(journal.entries()).rejects.toMatchObject(refused(agent));
    });

    test('but what root made in a user’s home is the user’s, and root may use it', async () => {
      const home = join(temporaryFolder(), 'home');
      mkdirSync(home);
      chownSync(home, STRANGER, STRANGER);
      const records = createRecordStore(async () => join(home, 'state'));
      await records.save(RECORD);
      expect(await records.list()).toEqual([RECORD]);
    });
  });
});

test('a last run that cannot be read is not "none"; one that is not there is', async () => {
  const agent = temporaryFolder();
  expect(await loadLastRun(agent)).toBeNull();
  mkdirSync(join(agent, 'last-run.json'));
  await expect(loadLastRun(agent)).rejects.toThrow();
});
