import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { AS_NOBODY, canRun, compiled } from '../computer/a-process.ts';
import { buildPayload, createFolderWorld, type FolderWorld } from '../fake-volume/index.ts';
import { parseEvent, temporaryFile, temporaryFolder } from './harness.ts';

/** The real program, by users and on disks that do not let it keep what it must remember. */
const MAIN = compiled('src/cli/main.ts');
const IMAGE = temporaryFile('firmware.dfu', buildPayload());
const asNobody = canRun(AS_NOBODY[0] ?? '', ...AS_NOBODY.slice(1), process.execPath, MAIN, '--version');
const mayMount = process.platform === 'linux' && canRun('unshare', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt');
/** A user without a name and without a home. */
const AS_NO_ONE = ['setpriv', '--reuid=12345', '--regid=12345', '--clear-groups'];

let root: string;
let world: FolderWorld;

beforeAll(async () => {
  // What tests make lies in a folder of this process's own.
  for (const above of [dirname(IMAGE), dirname(dirname(IMAGE))]) chmodSync(above, 0o755);
  root = join(temporaryFolder(), 'bus');
  chmodSync(dirname(root), 0o755);
  world = createFolderWorld({ root, devices: [{}] });
  const status = join(root, 'SPACEPACK', 'SPACEPAK', 'STATUS.TXT');
  await vi.waitFor(() => expect(existsSync(status)).toBe(true), { timeout: 10_000 });
});
afterAll(() => world.dispose());

type Variables = Readonly<Record<string, string>>;

async function update(
  variables: Variables,
  before: readonly string[] = [],
): Promise<{ status: number; result: unknown }> {
  const [program = '', ...args] = [...before, process.execPath, MAIN, 'update', IMAGE, '--root', root, '--json'];
  const env = { PATH: process.env['PATH'], ...variables };
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd: '/' }, (thrown, stdout) => {
      const status = typeof thrown?.code === 'number' ? thrown.code : 0;
      resolve({ status, result: parseEvent(stdout.trimEnd().split('\n').at(-1) ?? '') });
    });
  });
}

/** Nothing was written to the device, and whoever reads this knows whose disk it is. */
async function expectRefusal(variables: Variables, before: readonly string[] = []): Promise<void> {
  expect(await update(variables, before)).toMatchObject({
    status: 6,
    result: {
      event: 'result',
      verdict: 'refused',
      code: 'own-disk',
      remedy: expect.stringContaining('SPACEPACK_STATE_DIR'),
    },
  });
  const names = readdirSync(join(root, 'SPACEPACK', 'SPACEPAK'));
  expect(names.filter((name) => name.startsWith('UPDATE'))).toEqual([]);
}

const homeIn = (folder: string): Variables => ({ HOME: folder });

/** A folder on a file system of its own. */
function aDisk(options: string): string {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'spacepack-test', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

describe('an update is refused, and nothing is written to the device, where', () => {
  test('a file lies where the state folder belongs', async () => {
    await expectRefusal({ SPACEPACK_STATE_DIR: temporaryFile('state', ''), ...homeIn(temporaryFolder()) });
  });

  test('a file lies where the records belong', async () => {
    const state = temporaryFolder();
    writeFileSync(join(state, 'records'), '');
    await expectRefusal({ SPACEPACK_STATE_DIR: state, ...homeIn(temporaryFolder()) });
  });

  test('a file lies where the home belongs', async () => {
    await expectRefusal(homeIn(temporaryFile('home', '')));
  });

  test('the home is empty, or a place is relative: a folder of wherever one stands, the device for one', async () => {
    await expectRefusal({ HOME: '' });
    const home = temporaryFolder();
    if (process.platform === 'linux') await expectRefusal({ HOME: home, XDG_DATA_HOME: 'data' });
  });

  test.skipIf(!mayMount)('the home is read-only', async () => {
    await expectRefusal(homeIn(aDisk('ro')));
  });

  test.skipIf(!mayMount)('the home is full', async () => {
    const home = aDisk('size=8192');
    expect(() => writeFileSync(join(home, 'film'), Buffer.alloc(64 * 1024))).toThrow('ENOSPC');
    await expectRefusal(homeIn(home));
  });

  test.skipIf(!asNobody)('there is no home, and none can be made', async () => {
    await expectRefusal(homeIn('/nowhere-that-could-be-made'), AS_NOBODY);
  });

  test.skipIf(!asNobody)('the user has neither a home nor a name', async () => {
    await expectRefusal({}, AS_NO_ONE);
  });

  test.skipIf(!asNobody)('the home is root’s', async () => {
    const home = temporaryFolder();
    chmodSync(home, 0o755);
    await expectRefusal(homeIn(home), AS_NOBODY);
  });

  test.skipIf(!asNobody)('the records are root’s, so that nobody knows what is open', async () => {
    const state = temporaryFolder();
    chmodSync(state, 0o755);
    mkdirSync(join(state, 'records'), { mode: 0o700 });
    await expectRefusal({ SPACEPACK_STATE_DIR: state, HOME: state }, AS_NOBODY);
  });
});
