import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildProgram } from '../agent/built-program.ts';
import { buildPayload, createFolderWorld, type FolderWorld } from '../fake-volume/index.ts';
import { parseEvent, temporaryFile, temporaryFolder } from './harness.ts';

/** What is promised of the process that people and scripts wait for, by real processes, signals and terminals. */
const isLinux = process.platform === 'linux';
const helper = (name: string): string => fileURLToPath(new URL(`./supervised/${name}`, import.meta.url));
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const QUICK = { attach: 50, verify: 50, erase: 50, program: 50, start: 50 };

let main: string;
beforeAll(() => {
  main = buildProgram('spacepack-supervise-test');
}, 120_000);

interface Started {
  readonly child: ChildProcess;
  /** Where a process says what only it knows: `pid` and `columns` of the program. */
  readonly folder: string;
  readonly output: () => string;
  /** Once it has ended, and nobody has its output open any more. */
  readonly ended: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>;
}

interface StartOptions {
  /** A thread of the program hangs: until the program is killed, or even then. */
  readonly hang?: 'until-killed' | 'for-ever';
  /** Every open of a path that ends so hangs. */
  readonly hangAt?: string;
  readonly detached?: boolean;
  /** Where it is started. Default: where the tests are. */
  readonly cwd?: string;
  readonly onOutput?: (text: string, started: Started) => void;
}

function start(
  command: readonly string[],
  { hang, hangAt, detached = false, cwd, onOutput }: StartOptions = {},
): Started {
  const folder = temporaryFolder();
  if (isLinux) execFileSync('mkfifo', [join(folder, 'pipe')]);
  const words = hang === 'for-ever' ? [tracer, folder, process.execPath, ...command] : [process.execPath, ...command];
  const child = spawn(words[0] ?? '', words.slice(1), {
    env: {
      ...process.env,
      ...(isLinux && { NODE_OPTIONS: `--import ${helper('hang.mjs')}` }),
      HANG_FOLDER: folder,
      HANG: hang ?? '',
      HANG_AT: hangAt ?? '',
      SPACEPACK_STATE_DIR: folder,
      SPACEPACK_CONFIG_DIR: folder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached,
    cwd,
  });
  let output = '';
  const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal }));
  });
  const started: Started = { child, folder, output: () => output, ended };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
      onOutput?.(output, started);
    });
  }
  onTestFinished(() => {
    writeFileSync(join(folder, 'let-go'), '');
    child.kill('SIGKILL');
  });
  return started;
}

const said = (folder: string, name: string): string =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';

/** `R`, `S`, `T`, `Z` ...; '' if there is no such process. */
function stateOf(pid: number | string | undefined): string {
  try {
    return /^State:\s*(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

test('where no other process can be started, the program runs without its protection, and tells its result', () => {
  const noNode = 'data:text/javascript,process.execPath = "/nowhere/node"';
  const { status, stdout } = spawnSync(process.execPath, ['--import', noNode, main, 'frobnicate', '--json'], {
    encoding: 'utf8',
  });
  expect({ status, result: parseEvent(stdout) }).toMatchObject({ status: 2, result: { code: 'usage' } });
});

describe('a program that dies before it has begun, as one does that gets too few threads', () => {
  /** How it all ends where a program does this first, and how often one was started. */
  function startWith(first: string): { readonly end: unknown; readonly output: string; readonly starts: number } {
    const starts = temporaryFile('starts', '');
    const before = `import { appendFileSync } from 'node:fs';
      if (process.argv[1].endsWith('program.js')) { appendFileSync(${JSON.stringify(starts)}, 'x'); ${first} }`;
    const preload = `data:text/javascript,${encodeURIComponent(before)}`;
    const argv = ['--import', preload, main, 'frobnicate', '--json'];
    const { status, signal, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    return { end: status ?? signal, output: stdout, starts: readFileSync(starts, 'utf8').length };
  }

  test.each([
    ['by a signal, is started again with fewer', "if (process.env.UV_THREADPOOL_SIZE === '24') process.abort();"],
    ['by a signal each time, runs without its protection', "process.kill(process.pid, 'SIGKILL');"],
    ['with a status each time, runs without its protection', 'process.exit(7);'],
  ])('%s', (_, first) => {
    const { end, output, starts } = startWith(first);
    expect({ end, starts, result: parseEvent(output) }).toMatchObject({ end: 2, starts: 2, result: { code: 'usage' } });
  });

  test('once somebody has asked it to end, is not started again', () => {
    const handedOn = "await new Promise((resolve) => process.once('message', resolve));";
    const first = `process.kill(process.ppid, 'SIGTERM'); ${handedOn} process.exit(7);`;
    expect(startWith(first)).toEqual({ end: 'SIGTERM', output: '', starts: 1 });
  });

  test('once it has begun, is not started again', () => {
    const first = 'const { send } = process; process.send = (...args) => send.apply(process, args) && process.exit(7);';
    expect(startWith(first)).toEqual({ end: 7, output: '', starts: 1 });
  });

  /** A user of its own, so that nobody else's threads count. */
  const someUser = ['setpriv', `--reuid=${60_000 + (process.pid % 5_000)}`, '--clear-groups'];
  test.for([44, 30, 20, 16])(
    'because its user may have %i threads, tells its result all the same',
    { timeout: 60_000 },
    (threads, { skip }) => {
      const [program = '', ...before] = [...someUser, 'prlimit', '--core=0', `--nproc=${threads}`, process.execPath];
      const start = (...argv: readonly string[]) =>
        spawnSync(program, [...before, main, ...argv], { encoding: 'utf8' });
      if (start('--version').status !== 0)
        skip('no setpriv or prlimit, or this user cannot become another one, or that one cannot read this folder');
      const { status, stdout } = start('frobnicate', '--json');
      expect({ status, result: parseEvent(stdout) }).toMatchObject({ status: 2, result: { code: 'usage' } });
    },
  );
});

let tracer = '';

describe.skipIf(!isLinux)('a thread that hangs in a system call', () => {
  test('the told status is had, and node alone would have waited for the thread', async () => {
    const { ended } = start([main, 'frobnicate'], { hang: 'until-killed' });
    expect(await ended).toEqual({ status: 2, signal: null });
  });

  describe.skipIf(!has('cc'))('and that cannot even be killed (needs a C compiler)', () => {
    beforeAll(() => {
      tracer = join(temporaryFolder(), 'for-ever');
      execFileSync('cc', ['-o', tracer, helper('for-ever.c')]);
    });

    const program = (): string => join(dirname(main), 'program.js');

    test('the told status is had, and the output has an end', async ({ skip }) => {
      const { folder, child, output } = start([main, 'frobnicate'], { hang: 'for-ever' });
      const closed = new Promise((resolve) => child.stderr?.on('close', resolve));
      await expect.poll(() => said(folder, 'ended') || said(folder, 'refused'), { timeout: 20_000 }).not.toBe('');
      if (said(folder, 'refused') !== '') skip('this system lets nobody trace');
      expect(said(folder, 'ended')).toBe('2');
      await closed;
      expect(output()).toContain('frobnicate');
      // It is still there: left behind, not waited for.
      expect(stateOf(said(folder, 'pid'))).toBe('Z');
    }, 30_000);

    test('without the supervisor nobody would have the status: a process that is killed is not ended', async ({
      skip,
    }) => {
      const { folder, output } = start([program(), 'frobnicate'], { hang: 'for-ever' });
      await expect.poll(() => output() || said(folder, 'refused'), { timeout: 20_000 }).toContain('frobnicate');
      if (said(folder, 'refused') !== '') skip('this system lets nobody trace');
      process.kill(Number(said(folder, 'pid')), 'SIGKILL');
      await expect.poll(() => stateOf(said(folder, 'pid'))).toBe('Z');
      expect(said(folder, 'ended')).toBe('');
    }, 30_000);
  });
});

describe('a device made of folders', () => {
  const image = temporaryFile('firmware.dfu', buildPayload());
  let world: FolderWorld | null = null;
  let bus = '';

  async function plugIn(quietMs: number = 500): Promise<void> {
    bus = join(temporaryFolder(), 'bus');
    world = createFolderWorld({ root: bus, devices: [{ settings: { quietMs, durations: QUICK } }] });
    await expect.poll(() => existsSync(join(bus, 'SPACEPACK/SPACEPAK/STATUS.TXT')), { timeout: 5_000 }).toBe(true);
  }
  const update = (): readonly string[] => [main, 'update', image, '--root', bus, '--json'];

  /** Calls `then` once, as soon as the output holds `text`. */
  const once = (text: string, then: (started: Started) => void): StartOptions => {
    let done = false;
    return {
      onOutput(output, started) {
        if (done || !output.includes(text)) return;
        done = true;
        then(started);
      },
    };
  };

  afterEach(() => {
    world?.dispose();
    world = null;
  });

  test.skipIf(!isLinux)(
    'one of two hangs: it ends as stalled, its sound neighbour is updated, and the program ends',
    async () => {
      bus = join(temporaryFolder(), 'bus');
      const settings = { quietMs: 500, durations: QUICK };
      world = createFolderWorld({ root: bus, devices: [{ settings }, { settings }] });
      const volumes = (): string[] => readdirSync(bus).filter((name) => !name.startsWith('.'));
      await expect
        .poll(() => volumes().filter((name) => existsSync(join(bus, name, 'SPACEPAK/STATUS.TXT'))))
        .toHaveLength(2);
      const hangAt = join(bus, volumes()[0] ?? '');
      const { ended, output } = start([...update(), '--all', '--yes'], { hangAt });
      const { status } = await ended;
      const events = output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map(parseEvent);
      const codes = events.flatMap((event) => (event.event === 'finished' ? [event.code] : []));
      expect({ status, codes: codes.sort() }).toEqual({ status: 6, codes: ['applied', 'volume-stalled'] });
    },
    150_000,
  );

  test.skipIf(!isLinux)(
    'SIGTERM while it hangs before the commit: status 130, and nobody waits for the call',
    async () => {
      await plugIn();
      const terminate = ({ child }: Started): void => void child.kill('SIGTERM');
      const { ended, output } = start(update(), { ...once('"phase":"stage"', terminate), hangAt: 'UPDATE.BIN' });
      expect(await ended).toEqual({ status: 130, signal: null });
      expect(output()).toContain('"code":"interrupted"');
    },
    60_000,
  );

  test('Ctrl-C reaches both processes and counts once: the committed update is watched to its end', async () => {
    await plugIn();
    const toBoth = ({ child }: Started): void => void process.kill(-(child.pid ?? 0), 'SIGINT');
    const { ended, output } = start(update(), { ...once('"phase":"depart"', toBoth), detached: true });
    expect(await ended).toEqual({ status: 0, signal: null });
    expect(output().match(/"still-going"/g)).toHaveLength(1);
  }, 60_000);

  test.skipIf(!isLinux)(
    'started by somebody who stands in the volume: the supervisor leaves it, and a path keeps the meaning it was typed with',
    async () => {
      await plugIn();
      const cwd = join(bus, 'SPACEPACK');
      copyFileSync(image, join(cwd, 'typed.dfu'));
      const stood: string[] = [];
      const look = ({ child }: Started): void => void stood.push(readlinkSync(`/proc/${child.pid}/cwd`));
      const command = [main, 'update', 'typed.dfu', '--root', bus, '--json'];
      const { ended, output } = start(command, { ...once('"phase":"discover"', look), cwd });
      expect(await ended).toEqual({ status: 0, signal: null });
      expect(stood).toEqual(['/']);
      expect(output()).toContain('"code":"applied"');
    },
    60_000,
  );

  /** The process that a second run is told to hold the device. */
  async function toldHolder(): Promise<number> {
    const { ended, output } = start(update());
    expect(await ended).toEqual({ status: 10, signal: null });
    return Number(/Process (\d+)\b/.exec(output())?.[1]);
  }

  test('a second run is told of a process that a signal ends: the supervisor, not the program', async () => {
    await plugIn(60_000);
    const { ended, child, output } = start(update());
    await expect.poll(output, { timeout: 20_000 }).toContain('"phase":"depart"');
    const holder = await toldHolder();
    expect(holder).toBe(child.pid);
    process.kill(holder, 'SIGTERM');
    expect(await ended).toEqual({ status: 9, signal: null });
  }, 60_000);

  test.skipIf(!isLinux)(
    'the program is stopped and its supervisor killed: a second run is told of the program, and can end it',
    async () => {
      await plugIn(60_000);
      const { ended, child, output, folder } = start(update());
      await expect.poll(output, { timeout: 20_000 }).toContain('"phase":"depart"');
      const program = Number(said(folder, 'pid'));
      process.kill(program, 'SIGSTOP');
      child.kill('SIGKILL');
      const holder = await toldHolder();
      expect(holder).toBe(program);
      process.kill(holder, 'SIGKILL');
      await ended;
      await expect.poll(() => stateOf(program)).toMatch(/^Z?$/);
    },
    60_000,
  );

  test('the program is killed: the supervisor says so, and ends by the same signal', async () => {
    await plugIn();
    const kill = ({ folder }: Started): void => void process.kill(Number(said(folder, 'pid')), 'SIGKILL');
    const { ended, output } = start(update(), once('"phase":"depart"', kill));
    expect(await ended).toEqual({ status: null, signal: 'SIGKILL' });
    expect(output()).toContain('found that it ended (SIGKILL) without one. If it had begun an update');
  }, 60_000);

  test('the supervisor is killed: the program ends at once, whatever it was doing', async () => {
    await plugIn();
    const { ended, folder } = start(
      update(),
      once('"phase":"stage"', ({ child }) => void child.kill('SIGKILL')),
    );
    expect(await ended).toEqual({ status: null, signal: 'SIGKILL' });
    // Where nobody takes in orphans it stays a name in a table.
    await expect.poll(() => stateOf(said(folder, 'pid'))).toMatch(/^Z?$/);
  }, 60_000);

  test.skipIf(!isLinux)(
    'stopping the supervisor alone stops both, and both go on',
    async () => {
      await plugIn();
      const stop = ({ child }: Started): void => void child.kill('SIGTSTP');
      const { ended, child, folder } = start(update(), once('"phase":"depart"', stop));
      await expect.poll(() => [child.pid, said(folder, 'pid')].map(stateOf), { timeout: 20_000 }).toEqual(['T', 'T']);
      child.kill('SIGCONT');
      expect(await ended).toEqual({ status: 0, signal: null });
    },
    60_000,
  );

  describe.skipIf(!isLinux || !has('python3'))('on a terminal (needs python3)', () => {
    type Step = readonly ['expect' | 'type', string] | readonly ['hidden'] | readonly ['size', number];

    /** Runs a command on a terminal; what it showed, and how it ended. */
    async function onTerminal(
      steps: readonly Step[],
      command: readonly string[],
    ): Promise<Awaited<Started['ended']> & { shown: string; folder: string }> {
      const folder = temporaryFolder();
      const child = spawn('python3', [helper('terminal.py'), JSON.stringify(steps), ...command], {
        env: {
          ...process.env,
          NODE_OPTIONS: `--import ${helper('hang.mjs')}`,
          HANG_FOLDER: folder,
          SPACEPACK_STATE_DIR: folder,
          SPACEPACK_CONFIG_DIR: folder,
          TERM: 'xterm',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let shown = '';
      child.stdout.on('data', (chunk) => {
        shown += chunk;
      });
      return new Promise((resolve) => {
        child.on('close', (status, signal) => resolve({ status, signal, shown, folder }));
      });
    }

    test('a question is answered, and the update goes on', async () => {
      await plugIn();
      const steps: Step[] = [
        ['expect', 'Go on?'],
        ['type', 'y\n'],
      ];
      const { status, shown } = await onTerminal(steps, [process.execPath, main, 'update', image, '--root', bus]);
      expect({ status, shown }).toMatchObject({ status: 0, shown: expect.stringContaining('applied') });
    }, 60_000);

    test('Ctrl-C at the question: status 130', async () => {
      await plugIn();
      const steps: Step[] = [
        ['expect', 'Go on?'],
        ['type', '\u0003'],
      ];
      const { status } = await onTerminal(steps, [process.execPath, main, 'update', image, '--root', bus]);
      expect(status).toBe(130);
    }, 60_000);

    test('a passphrase is read and not shown; Ctrl-C there: status 130', async () => {
      const keys = join(temporaryFolder(), 'keys');
      const command = [process.execPath, main, 'channel', 'init', join(temporaryFolder(), 'site'), '--keys', keys];
      const secrets = ['correct horse battery', 'staple under the moon'];
      const asked = (words: string, secret: string): readonly Step[] => [
        ['expect', words],
        ['hidden'],
        ['type', `${secret}\r`],
        ['expect', 'The same again:'],
        ['hidden'],
        ['type', `${secret}\r`],
      ];
      const steps = [...asked('A passphrase', secrets[0] ?? ''), ...asked('Another passphrase', secrets[1] ?? '')];
      const { status, shown } = await onTerminal(steps, command);
      expect(status).toBe(0);
      for (const secret of secrets) expect(shown).not.toContain(secret);
      const other = [...command.slice(0, -1), `${keys}-2`];
      expect(await onTerminal([...steps.slice(0, 2), ['type', '\u0003']], other)).toMatchObject({ status: 130 });
    }, 60_000);

    test('the window becomes another size, and the program knows', async () => {
      await plugIn();
      const steps: Step[] = [
        ['expect', 'Go on?'],
        ['size', 57],
        ['type', 'y\n'],
      ];
      const { status, folder } = await onTerminal(steps, [process.execPath, main, 'update', image, '--root', bus]);
      expect({ status, columns: said(folder, 'columns') }).toEqual({ status: 0, columns: '57' });
    }, 60_000);

    test.skipIf(!has('bash'))(
      'Ctrl-Z stops both, `fg` goes on',
      async () => {
        await plugIn();
        const line = `'${process.execPath}' '${main}' update '${image}' --root '${bus}'`;
        const steps: Step[] = [
          // In two parts, so that what is typed is not what is waited for.
          ['type', 'PS1="rea""dy> "\n'],
          ['expect', 'ready> '],
          ['type', `${line}\n`],
          ['expect', 'Go on?'],
          ['type', '\u001a'],
          ['expect', 'Stopped'],
          ['type', 'fg\n'],
          ['expect', 'firmware.dfu'],
          ['type', 'y\n'],
          ['expect', 'applied'],
          ['type', 'exit\n'],
        ];
        const { status, shown } = await onTerminal(steps, ['bash', '--norc', '--noprofile', '-i']);
        expect({ status, shown }).toMatchObject({ status: 0 });
      },
      60_000,
    );
  });
});
