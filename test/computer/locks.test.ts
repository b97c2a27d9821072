import { execFileSync } from 'node:child_process';
import {
  constants,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Open, takeByFile } from '../../src/computer/lock-file.ts';
import { askHolder, takeByListening } from '../../src/computer/lock-listener.ts';
import { createLockStore, describeLocks, type LockWay, lockFiles } from '../../src/computer/locks.ts';
import { fileNameOf } from '../../src/computer/state-directory.ts';
import { temporaryFolder } from '../volume/a-volume.ts';
import { AS_NOBODY, canRun, compiled, killed, type Other, otherProcess } from './a-process.ts';

/** A scope of a test's own: the real locks are the computer's. */
const aScope = (): string => `test ${process.pid} ${Math.random()}`;

const module = compiled('src/computer/locks.ts');

/** Another process that takes a lock and keeps it: says `held`, or how it was refused. */
function other(scope: string, name: string, before: readonly string[] = []): Promise<Other> {
  return otherProcess(
    `const { createLockStore } = await import(${JSON.stringify(module)});
    const end = await createLockStore(${JSON.stringify(scope)}).acquire(${JSON.stringify(name)}).then(
      () => 'held', (thrown) => thrown.code + ' ' + thrown.message);
    process.stdout.write(end + '\\n');
    setInterval(() => undefined, 1000);`,
    before,
  );
}

describe('the lock of a device', () => {
  test('is held by one run at a time and free again afterwards', async () => {
    const { acquire } = createLockStore(aScope());
    const release = await acquire('SP0042');
    await expect(acquire('SP0042')).rejects.toMatchObject({ code: 'device-locked' });
    await (await acquire('SP0043'))();
    await release();
    await (await acquire('SP0042'))();
  });

  test('in another world is the lock of another device', async () => {
    const release = await createLockStore(aScope()).acquire('SP0042');
    await (await createLockStore(aScope()).acquire('SP0042'))();
    await release();
  });

  test('of another process is respected, and the refusal names it, its user and since when', async () => {
    const scope = aScope();
    const holder = await other(scope, 'SP0042');
    expect(holder.said).toBe('held');
    const refused: unknown = await createLockStore(scope)
      .acquire('SP0042')
      .catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'device-locked' });
    expect(String(refused)).toMatch(new RegExp(`process ${holder.child.pid} of \\S+ has held SP0042 since \\d{4}-`));
  });

  test('of a process that is killed is free at once', async () => {
    const scope = aScope();
    const holder = await other(scope, 'SP0042');
    await killed(holder);
    await (await createLockStore(scope).acquire('SP0042'))();
  });

  test('of a process that is stopped is still its own, and names it, though it says nothing', async () => {
    const scope = aScope();
    const holder = await other(scope, 'SP0042');
    holder.child.kill('SIGSTOP');
    const refused = createLockStore(scope).acquire('SP0042');
    await expect(refused).rejects.toMatchObject({
      code: 'device-locked',
      // Only Linux tells who listens.
      message: expect.stringContaining(process.platform === 'linux' ? `process ${holder.child.pid}, ` : 'SP0042'),
    });
  });

  test('of eight runs that come at the same moment, inside one process, one gets it', async () => {
    const { acquire } = createLockStore(aScope());
    const runs = await Promise.allSettled(Array.from({ length: 8 }, () => acquire('SP0042')));
    expect(runs.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('does not keep the process alive', async () => {
    const scope = aScope();
    const { child } = await otherProcess(
      `const { createLockStore } = await import(${JSON.stringify(module)});
      await createLockStore(${JSON.stringify(scope)}).acquire('SP0042');
      process.stdout.write('held\\n');`,
    );
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    expect(child.exitCode).toBe(0);
  });

  const asNobody = canRun(AS_NOBODY[0] ?? '', ...AS_NOBODY.slice(1), process.execPath, module);
  test.skipIf(!asNobody)('keeps two users apart, whichever comes first', async () => {
    const scope = aScope();
    const nobody = await other(scope, 'SP0042', AS_NOBODY);
    expect(nobody.said).toBe('held');
    await expect(createLockStore(scope).acquire('SP0042')).rejects.toMatchObject({ code: 'device-locked' });
    await killed(nobody);
    const release = await createLockStore(scope).acquire('SP0042');
    expect((await other(scope, 'SP0042', AS_NOBODY)).said).toMatch(`device-locked process ${process.pid} of `);
    await release();
  });

  const CONTAINER = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
  test.skipIf(!canRun('unshare', ...CONTAINER.slice(1), 'true'))('keeps pid namespaces apart', async () => {
    const scope = aScope();
    const release = await createLockStore(scope).acquire('SP0042');
    expect((await other(scope, 'SP0042', CONTAINER)).said).toMatch('device-locked');
    await release();
    expect((await other(scope, 'SP0042', CONTAINER)).said).toBe('held');
    await expect(createLockStore(scope).acquire('SP0042')).rejects.toMatchObject({ code: 'device-locked' });
  });
});

describe('the locks of the computer', () => {
  test('are told with who holds them, but not those of a folder that stands for drives', async () => {
    const [real, inFolder] = [`SP-real-${process.pid}`, `SP-folder-${process.pid}`];
    const [release, releaseOther] = [
      await createLockStore().acquire(real),
      await createLockStore(aScope()).acquire(inFolder),
    ];
    const told = (await describeLocks()).join('\n');
    expect(told).toMatch(new RegExp(`process ${process.pid} of \\S+ has held ${real} since \\S+`));
    expect(told).not.toContain(inFolder);
    await Promise.all([release(), releaseOther()]);
    expect((await describeLocks()).join('\n')).not.toContain(real);
  });
});

/** A way in which somebody else has the lock, and says this. */
const heldBy = (said: string | null): LockWay => ({
  place: (name) => name,
  take: async () => null,
  ask: async () => said,
  names: async () => [],
});

describe('whoever holds the lock', () => {
  test.each([
    ['lies about the form', '1 root \u001b[2J 2026-01-01T00:00:00Z'],
    ['says nothing', ''],
    ['says too much', `1 ${'x'.repeat(300)} 2026-01-01T00:00:00Z`],
    ['lets go and takes it again at every question', null],
  ])('and %s is refused to, and not quoted', async (_, said) => {
    const refused: unknown = await createLockStore('', heldBy(said))
      .acquire('SP1')
      .catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'device-locked' });
    expect(String(refused)).toContain('does not say who it is');
  });

  test('and lets go before it is asked is followed', async () => {
    let free = false;
    const way: LockWay = {
      ...heldBy(null),
      take: async () => (free ? async () => undefined : null),
      ask: async () => {
        free = true;
        return null;
      },
    };
    await (await createLockStore('', way).acquire('SP1'))();
  });

  test('where the system refuses the lock altogether, the device is not touched, and the place is named', async () => {
    const way: LockWay = {
      ...heldBy(null),
      take: () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' })),
    };
    await expect(createLockStore('', way).acquire('SP1')).rejects.toMatchObject({
      code: 'device-locked',
      message: expect.stringContaining('EACCES'),
    });
  });
});

describe.skipIf(process.platform === 'win32')('a name that is taken by listening', () => {
  test('asks at most 256 bytes of whoever listens there', async () => {
    const path = join(await temporaryFolder(), 'talker');
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('x'.repeat(100_000));
    });
    await new Promise<void>((resolve) => void server.listen(path, resolve));
    onTestFinished(() => void server.close());
    expect(await askHolder(path)).toHaveLength(256);
  });

  test('is answered for to many at once, and given back while they still listen', async () => {
    const path = join(await temporaryFolder(), 'lock');
    const giveBack = await takeByListening(path, 'me');
    const answers = await Promise.all(Array.from({ length: 30 }, () => askHolder(path)));
    expect(answers).toContain('me');
    await giveBack?.();
    expect(await askHolder(path)).toBeNull();
  });
});

/** macOS' exclusive open, as its manual tells: EAGAIN as long as another open file has the lock. */
function exclusiveOpen(): Open {
  const locked = new Set<string>();
  return async (path, flags, mode) => {
    if ((flags & 0x20) !== 0 && locked.has(path)) throw Object.assign(new Error('busy'), { code: 'EAGAIN' });
    const handle = await open(path, flags & ~0x20, mode);
    if ((flags & 0x20) === 0) return handle;
    locked.add(path);
    const close = handle.close.bind(handle);
    handle.close = () => {
      locked.delete(path);
      return close();
    };
    return handle;
  };
}

describe.skipIf(process.platform === 'win32')('a lock that is a file, as on macOS', () => {
  test('is taken once, tells who has it, and stays for the next one, whoever that is', async () => {
    const path = join(await temporaryFolder(), 'lock');
    const exclusive = exclusiveOpen();
    const giveBack = await takeByFile(path, '1 me 2026-01-01T00:00:00Z', exclusive);
    expect(await takeByFile(path, 'other', exclusive)).toBeNull();
    expect(statSync(path).mode & 0o777).toBe(0o666);
    await giveBack?.();
    const again = await takeByFile(path, 'me', exclusive);
    expect(again).not.toBeNull();
    await again?.();
  });

  test('is never one that a link leads to', async () => {
    const folder = await temporaryFolder();
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'lock'));
    await expect(takeByFile(join(folder, 'lock'), 'me', exclusiveOpen())).rejects.toMatchObject({ code: 'ELOOP' });
  });

  test.each([
    ['a second name of it', () => undefined],
    ['a name that is taken away meanwhile', (path: string) => unlinkSync(path)],
    ['a name that is given to another file meanwhile', (path: string) => writeFileSync(`${path}.new`, '')],
  ])('a file of this user keeps its content and its mode: %s', async (what, meanwhile) => {
    const folder = await temporaryFolder();
    const [own, path] = [join(folder, 'id_ed25519'), join(folder, 'lock')];
    writeFileSync(own, 'secret', { mode: 0o600 });
    linkSync(own, path);
    const exclusive = exclusiveOpen();
    const taken = takeByFile(path, 'me', async (...call) => {
      const handle = await exclusive(...call);
      meanwhile(path);
      if (what.includes('another')) renameSync(`${path}.new`, path);
      return handle;
    });
    await expect(taken).rejects.toMatchObject({ code: expect.stringMatching(/^(EMLINK|ENOENT)$/) });
    expect([readFileSync(own, 'utf8'), statSync(own).mode & 0o777]).toEqual(['secret', 0o600]);
  });

  test('is never a pipe that lies there: the device is refused at once, the place is named, and nobody is said to hold it', async () => {
    const way = lockFiles(await temporaryFolder(), exclusiveOpen());
    const store = createLockStore('', way);
    await (await store.acquire('SP0042'))();
    const place = way.place(await fileNameOf('SP0042'));
    rmSync(place);
    execFileSync('mkfifo', [place]);
    await expect(store.acquire('SP0042')).rejects.toMatchObject({
      code: 'device-locked',
      message: expect.stringContaining(`EINVAL at ${place}`),
      remedy: expect.stringContaining('remove it'),
    });
    expect(await way.ask(place)).toBe('');
    expect(await describeLocks(way)).toEqual([]);
  });

  test('that somebody holds is told, and one that stayed and nobody holds is not', async () => {
    const way = lockFiles(await temporaryFolder(), exclusiveOpen());
    const store = createLockStore('', way);
    await (await store.acquire('SP0042'))();
    const giveBack = await store.acquire('SP0043');
    expect((await describeLocks(way)).map((sentence) => /held (\w+)/.exec(sentence)?.[1])).toEqual(['SP0043']);
    await giveBack();
  });

  test('asks for both at once: the file, and its lock', async () => {
    const asked: number[] = [];
    await takeByFile('/lock', 'me', async (_path, flags) => {
      asked.push(flags);
      throw Object.assign(new Error('busy'), { code: 'EAGAIN' });
    });
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | 0x20;
    expect(asked).toEqual([flags]);
  });
});
