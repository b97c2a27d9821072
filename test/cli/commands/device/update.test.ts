import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { EventOf, TimedEvent } from '../../../../src/cli/talk/events.ts';
import { FAULTS } from '../../../../src/protocol/faults.ts';
import {
  buildPayload,
  createMemoryWorld,
  type DeviceOptions,
  payloadOf,
  type Scenario,
  scenarios,
  testKeyPair,
} from '../../../fake-volume/index.ts';
import { run, temporaryFile } from '../../harness.ts';

const image = temporaryFile('firmware.dfu', buildPayload());
const current = temporaryFile('current.dfu', buildPayload({ version: { major: 1 } }));
const older = temporaryFile('older.dfu', buildPayload({ version: { major: 0, minor: 9 } }));
const key = temporaryFile('maker.pem', testKeyPair().publicKey);
const strangerKey = temporaryFile('stranger.pem', testKeyPair('a stranger').publicKey);

const of = <E extends TimedEvent['event']>(events: readonly TimedEvent[], name: E): readonly EventOf<E>[] =>
  events.filter((event): event is EventOf<E> => event.event === name);

const worldOf = (...devices: DeviceOptions[]) => createMemoryWorld({ devices });

describe('for programs, --json', () => {
  test('a healthy device is updated, and every event on the way is in the schema', async () => {
    const { environment } = worldOf({});
    const { status, events, result } = await run(['update', image, '--json', '--key', key], { environment });
    expect(status).toBe(0);
    expect(result).toMatchObject({
      verdict: 'applied',
      code: 'applied',
      exit: 0,
      device: 'SP00000001',
      from: '1.0.0+0',
      to: '2.0.0+0',
    });
    expect(result?.devices).toHaveLength(1);
    expect(of(events, 'phase').map(({ phase }) => phase)).toEqual([
      'discover',
      'identify',
      'stage',
      'commit',
      'release',
      'depart',
      'return',
      'confirm',
    ]);
    expect(of(events, 'progress').filter(({ doneBytes, totalBytes }) => doneBytes === totalBytes)).toHaveLength(2);
    expect(of(events, 'image')).toMatchObject([{ signature: 'verified', version: '2.0.0+0' }]);
    expect(of(events, 'finished')).toMatchObject([{ code: 'applied', device: 'SP00000001' }]);
  });

  test('elapsed time never goes back', async () => {
    const { events } = await run(['update', image, '--json'], worldOf({}));
    const times = events.map(({ elapsedMs }) => elapsedMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('the result is the last line and the only thing that is not for people on the standard output', async () => {
    const { stdout, stderr } = await run(['update', image, '--json'], worldOf({}));
    const lines = stdout.trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'result' });
    expect(stderr).toContain('applied SP00000001');
  });

  test('without a key of the maker it is said that only the device checks the signature', async () => {
    const { events } = await run(['update', image, '--json'], worldOf({}));
    expect(of(events, 'notice').map(({ code }) => code)).toContain('signature-unchecked');
    expect(of(events, 'image')).toMatchObject([{ signature: 'unchecked' }]);
  });
});

/** What needs the command line to play: the rest of each scenario is the engine's and tested there. */
const playable = scenarios.filter(({ action }) => action !== 'ping');

describe('the exit status is the one of the table, whatever happens to the device', () => {
  test.each(playable.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario: Scenario) => {
    const { environment } = createMemoryWorld(scenario);
    const file = temporaryFile('firmware.dfu', payloadOf(scenario));
    const options = scenario.allowDowngrade ? ['--allow-downgrade'] : [];
    const device = scenario.device === undefined ? [] : ['--device', scenario.device];
    const { status, result } = await run(['update', file, '--json', ...options, ...device], { environment });
    const { verdict, code } = scenario.expected;
    expect({ status, verdict: result?.verdict, code: result?.code }).toEqual({
      status: FAULTS[code as keyof typeof FAULTS].exit,
      verdict,
      code,
    });
  });
});

describe('what is refused before anything is written', () => {
  const refusals: readonly (readonly [what: string, argv: readonly string[], code: string])[] = [
    ['an image that is not there', ['update', '/nowhere.dfu'], 'image-unreadable'],
    ['an image that a known key did not sign', ['update', image, '--key', strangerKey], 'image-signature'],
    [
      'an image without a signature',
      ['update', temporaryFile('u.dfu', buildPayload({ key: null }))],
      'image-signature',
    ],
    ['an older image', ['update', older], 'image-downgrade'],
    ['a device that is not there', ['update', image, '--device', 'SP9'], 'no-device'],
    ['a path where no device is mounted', ['update', image, '--volume', '/nowhere'], 'no-device'],
    ['one device and all of them', ['update', image, '--all', '--device', 'SP'], 'usage'],
    ['no time at all', ['update', image, '--timeout', '0'], 'usage'],
    ['time that is no number', ['update', image, '--timeout', 'soon'], 'usage'],
    ['too little time', ['update', image, '--timeout', '0.000001'], 'not-in-time'],
    ['a key that is none', ['update', image, '--key', image], 'key-unusable'],
  ];
  test.each(refusals)('%s', async (_, argv, code) => {
    const { environment, operations } = worldOf({});
    const { status, result } = await run([...argv, '--json'], { environment });
    expect(result?.code).toBe(code);
    expect(status).toBe(FAULTS[code as keyof typeof FAULTS].exit);
    expect(operations.filter(({ verb }) => verb === 'create')).toEqual([]);
  });

  test('--dry-run checks everything and writes nothing', async () => {
    const { environment, operations } = worldOf({});
    const { status, result } = await run(['update', image, '--dry-run', '--json'], { environment });
    expect({ status, code: result?.code }).toEqual({ status: 0, code: 'would-apply' });
    expect(operations.filter(({ verb }) => verb === 'create')).toEqual([]);
  });

  test('of two devices with one serial the one that is mounted there is updated', async () => {
    const twin = { settings: { serial: 'SP00000001' } };
    const world = createMemoryWorld({ devices: [twin, twin] });
    const { result } = await run(['update', image, '--volume', '/media/SPACEPACK 1', '--json'], world);
    expect(result?.code).toBe('applied');
    expect(world.devices.map(({ firmware }) => firmware.memory.bootCount)).toEqual([1, 2]);
  });

  test('of a device in its bootloader it is said that no firmware runs', async () => {
    const { stderr } = await run(['update', image], createMemoryWorld({ devices: [{ runs: null, battery: 5 }] }));
    expect(stderr).toContain('no firmware runs');
    expect(stderr).not.toContain('still runs');
  });

  test('of two devices none was chosen', async () => {
    const { status, result } = await run(['update', image, '--json'], worldOf({}, {}));
    expect({ status, code: result?.code }).toEqual({ status: 4, code: 'several-devices' });
  });
});

describe('several devices with --all', () => {
  test('each ends by itself, and the worst decides', async () => {
    const { environment } = worldOf({}, { battery: 5 }, {});
    const { status, events, result } = await run(['update', image, '--all', '--json'], { environment });
    expect(of(events, 'finished').map(({ device, code }) => [device, code])).toHaveLength(3);
    expect(result?.devices.map(({ device, code }) => [device, code])).toEqual([
      ['SP00000001', 'applied'],
      ['SP00000002', 'battery-low'],
      ['SP00000003', 'applied'],
    ]);
    expect({ status, code: result?.code, device: result?.device }).toEqual({
      status: 5,
      code: 'battery-low',
      device: null,
    });
  });
});

/** Stops watching once the device is away. */
function atReturn(event: TimedEvent, signals: EventEmitter): void {
  if (event.event === 'phase' && event.phase === 'return') signals.emit('SIGTERM');
}

describe('all devices, of which one is away with an update open', () => {
  test.each([
    ['comes back', true, 'applied', 'applied', 0],
    ['does not come back', false, 'never-returned', 'mixed', 9],
  ] as const)('that %s', async (_, returns, code, verdict, expected) => {
    const { environment, devices } = worldOf({}, {});
    await run(['update', image, '--device', 'SP00000001', '--json'], { environment, onEvent: atReturn });
    if (!returns) devices[0]?.unplug();
    const { status, result } = await run(['update', image, '--all', '--json'], { environment });
    expect(result?.devices.map((end) => [end.device, end.code])).toEqual([
      ['SP00000002', 'applied'],
      ['SP00000001', code],
    ]);
    expect({ status, verdict: result?.verdict }).toEqual({ status: expected, verdict });
  });

  test('is told of by a ping as well, and by a rehearsal', async () => {
    const { environment, devices } = worldOf({}, {});
    await run(['update', image, '--device', 'SP00000001', '--json'], { environment, onEvent: atReturn });
    devices[0]?.unplug();
    for (const argv of [['ping'], ['update', image, '--dry-run']]) {
      const { status, result } = await run([...argv, '--all', '--json'], { environment });
      expect(status).toBe(9);
      expect(result?.devices.map((end) => [end.device, end.verdict])).toContainEqual(['SP00000001', 'indeterminate']);
    }
  });
});

describe('a person at a terminal', () => {
  const terminal = 100;

  test('is asked what will be done to which device, and says yes', async () => {
    const { environment } = worldOf({});
    const { status, stderr, stdout } = await run(['update', image], { environment, terminal, answer: 'y' });
    expect(status).toBe(0);
    expect(stderr).toMatch(/SP00000001.*1\.0\.0\+0 -> 2\.0\.0\+0/);
    expect(stderr).toContain('only the device will check its signature');
    expect(stdout).toContain('applied');
  });

  test.each([['n'], [''], [null]])('answers %j, and nothing is written', async (answer) => {
    const { environment, operations } = worldOf({});
    const { status } = await run(['update', image], { environment, terminal, answer });
    expect(status).toBe(130);
    expect(operations.filter(({ verb }) => verb === 'create')).toEqual([]);
  });

  test('is not asked where nothing would be written', async () => {
    const { environment } = worldOf({});
    const { status, stderr } = await run(['update', current], { environment, terminal, answer: null });
    expect(status).toBe(0);
    expect(stderr).not.toContain('[y/N]');
  });

  test('is asked about a device that is away because of an update that is open, and waits for it', async () => {
    const { environment } = worldOf({});
    await run(['update', image, '--json'], { environment, onEvent: atReturn });
    const { status, stderr } = await run(['update', image], { environment, terminal, answer: 'y' });
    expect(status).toBe(0);
    expect(stderr).toMatch(/Update SP00000001: .*unknown -> 2\.0\.0\+0/);
  });

  test('is asked about it also where all devices are meant and others are there', async () => {
    const { environment } = worldOf({}, {});
    await run(['update', image, '--device', 'SP00000001', '--json'], { environment, onEvent: atReturn });
    const { status, stderr } = await run(['update', image, '--all'], { environment, terminal, answer: 'y' });
    expect(status).toBe(0);
    for (const name of ['SP00000001', 'SP00000002']) expect(stderr).toContain(`Update ${name}: `);
    expect(await environment.records.list()).toEqual([]);
  });

  test('is asked where another update has not ended, and waits for it', async () => {
    const joined = scenarios.find(({ name }) => name === 'joined');
    const { environment } = createMemoryWorld(joined);
    const { status, stderr } = await run(['update', image], { environment, terminal, answer: 'y' });
    expect(status).toBe(0);
    expect(stderr).toContain('[y/N]');
  });

  test('waits for what an earlier run has committed, as without a question', async () => {
    const { environment } = createMemoryWorld();
    const onEvent = (event: TimedEvent, signals: EventEmitter): void => {
      if (event.event === 'phase' && event.phase === 'release') signals.emit('SIGTERM');
    };
    expect((await run(['update', image, '--json'], { environment, onEvent })).result?.code).toBe('abandoned');
    const { status, stdout } = await run(['update', image], { environment, terminal: 80, answer: 'y' });
    expect(stdout).toContain('applied');
    expect(status).toBe(0);
    expect(await environment.records.list()).toEqual([]);
  });

  test('is not asked where an earlier run has applied it meanwhile, and its record is closed', async () => {
    const { environment } = createMemoryWorld();
    await run(['update', image, '--json', '--timeout', '3'], { environment });
    await environment.clock.sleep(60_000);
    const { status, stdout } = await run(['update', image], { environment, terminal: 80, answer: null });
    expect(stdout).toContain('applied');
    expect(status).toBe(0);
    expect(await environment.records.list()).toEqual([]);
  });

  test('is not asked with --yes', async () => {
    const { status, stderr } = await run(['update', image, '--yes'], { ...worldOf({}), terminal, answer: null });
    expect(status).toBe(0);
    expect(stderr).not.toContain('[y/N]');
  });
});

describe('without a terminal', () => {
  test('a script is not asked, and reads plain lines without control characters', async () => {
    const { status, stdout, stderr } = await run(['update', image], worldOf({}));
    expect(status).toBe(0);
    expect(stdout + stderr).not.toMatch(/[^\P{C}\n]/u);
    expect(stderr).toContain('Committing');
  });

  test('--quiet says one line on the standard output after a good end', async () => {
    const { stdout, stderr } = await run(['update', image, '--quiet'], worldOf({}));
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toBe('');
  });

  test('--quiet says the sum of several devices, and no version that none of them showed', async () => {
    const world = createMemoryWorld({ devices: [{}, {}] });
    const { stdout } = await run(['update', image, '--all', '--quiet'], world);
    expect(stdout).toBe('applied: 2 devices: 2 applied.\n');
  });

  test('--quiet says one line on the standard error after a fault', async () => {
    const { stdout, stderr } = await run(['update', older, '--quiet'], worldOf({}));
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
  });

  test('a fault says which firmware runs, what to do, and its code', async () => {
    const { stderr } = await run(['update', older], worldOf({}));
    expect(stderr).toContain('still runs its old firmware');
    expect(stderr).toContain('--allow-downgrade');
    expect(stderr).toContain('image-downgrade');
  });
});

describe('signals', () => {
  const at = (phase: string, send: readonly string[]) => {
    const due = [...send];
    return (event: TimedEvent, signals: { emit(name: string): boolean }): void => {
      if (event.event !== 'phase' || event.phase !== phase) return;
      for (const name of due.splice(0)) signals.emit(name);
    };
  };
  const cases: readonly (readonly [what: string, phase: string, signals: readonly string[], code: string])[] = [
    ['Ctrl-C before the commit calls the update off', 'stage', ['SIGINT'], 'interrupted'],
    ['SIGTERM before the commit does the same', 'stage', ['SIGTERM'], 'interrupted'],
    ['SIGHUP before the commit does the same', 'stage', ['SIGHUP'], 'interrupted'],
    ['one Ctrl-C after the commit changes nothing', 'depart', ['SIGINT'], 'applied'],
    ['the second Ctrl-C after the commit stops watching', 'depart', ['SIGINT', 'SIGINT'], 'abandoned'],
    ['SIGTERM after the commit stops watching', 'return', ['SIGTERM'], 'abandoned'],
    ['SIGHUP after the commit is ignored', 'depart', ['SIGHUP'], 'applied'],
  ];
  test.each(cases)('%s', async (_, phase, signals, code) => {
    const { environment } = worldOf({});
    const argv = ['update', image, '--json'];
    const { status, result } = await run(argv, { environment, onEvent: at(phase, signals) });
    expect(result?.code).toBe(code);
    expect(status).toBe(FAULTS[code as keyof typeof FAULTS].exit);
  });

  test('after the commit the first Ctrl-C says what still goes on', async () => {
    const { environment } = worldOf({});
    const { events } = await run(['update', image, '--json'], { environment, onEvent: at('depart', ['SIGINT']) });
    expect(of(events, 'notice').map(({ code, device }) => [code, device])).toContainEqual([
      'still-going',
      'SP00000001',
    ]);
  });

  test('a Ctrl-C while the trigger is written comes too late, and that is said', async () => {
    const signals = new EventEmitter();
    const { environment } = createMemoryWorld({
      onOperation({ verb, path }) {
        if (verb === 'fsync' && path?.endsWith('UPDATE.TRG')) signals.emit('SIGINT');
      },
    });
    const { events, result } = await run(['update', image, '--json'], { environment, signals });
    expect(result?.code).toBe('applied');
    expect(of(events, 'notice').map(({ code }) => code)).toContain('too-late');
  });

  test('a second Ctrl-C before the commit does not wait for a volume that hangs', async () => {
    const signals = new EventEmitter();
    const { environment } = createMemoryWorld({
      onOperation({ verb, path }) {
        if (verb !== 'fsync' || !path?.endsWith('UPDATE.BIN')) return;
        signals.emit('SIGINT');
        signals.emit('SIGINT');
        return new Promise<void>(() => {});
      },
    });
    const { status, result } = await run(['update', image, '--json'], { environment, signals });
    expect([status, result?.code]).toEqual([130, 'interrupted']);
  });

  /** A world in which one call never comes back; Ctrl-C twice then. */
  function interruptedAt(file: string, ...devices: DeviceOptions[]) {
    const signals = new EventEmitter();
    let last = '';
    const world = createMemoryWorld({
      devices,
      async onOperation({ verb, path, serial, device }) {
        if (verb !== 'fsync' || !path?.endsWith(file) || device !== devices.length - 1) return;
        last = serial;
        if (devices.length > 1) await world.environment.clock.sleep(300_000);
        signals.emit('SIGINT');
        signals.emit('SIGINT');
        await new Promise<void>(() => {});
      },
    });
    return { signals, environment: world.environment, hung: () => last };
  }

  test('a second Ctrl-C while the trigger hangs on its way claims nothing', async () => {
    const { result, status } = await run(['update', image, '--json'], interruptedAt('UPDATE.TRG', {}));
    expect(result).toMatchObject({ verdict: 'indeterminate', code: 'abandoned', oldFirmware: 'unknown' });
    expect(status).toBe(9);
  });

  test('a second Ctrl-C does not take back what another device has come to', async () => {
    const world = interruptedAt('UPDATE.BIN', {}, {});
    const { result, events } = await run(['update', image, '--all', '--json'], world);
    expect(of(events, 'finished').map(({ code }) => code)).toEqual(['applied', 'interrupted']);
    expect(result?.devices.map(({ code }) => code).sort()).toEqual(['applied', 'interrupted']);
    expect(result).toMatchObject({ verdict: 'mixed', code: 'interrupted', exit: 130 });
  });

  test('an abandoned update is resolved by the next run', async () => {
    const { environment } = worldOf({});
    const argv = ['update', image, '--json'];
    await run(argv, { environment, onEvent: at('return', ['SIGTERM']) });
    await environment.clock.sleep(60_000);
    const { events, result } = await run(argv, { environment });
    expect(of(events, 'notice').map(({ code }) => code)).toContain('record-resolved');
    expect(result?.verdict).toBe('applied');
  });
});
