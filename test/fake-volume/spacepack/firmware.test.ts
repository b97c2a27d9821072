import { describe, expect, test } from 'vitest';
import { type BenchDevice, type BenchOptions, createBenchDevice } from '../bench-device.ts';
import { RESERVED, reservedPath } from '../cards/card.ts';
import { entryWithoutChain, fileNode, putNode } from '../cards/medium.ts';
import { type Fields, readText, writeText } from './grammar.ts';
import { buildPayload } from './image/build.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { buildInstallTrigger, buildPingTrigger, type TriggerOptions } from './trigger-build.ts';

const PAYLOAD = buildPayload();
const AWAY_MS = 30_000;

/** A host stages bytes and lets go; the device has all the time it needs. */
function commit(bench: BenchDevice, trigger: Uint8Array, payload: Uint8Array | null = PAYLOAD): void {
  bench.hostMounts();
  if (payload !== null) bench.hostWrites(RESERVED.payload, payload);
  bench.hostWrites(RESERVED.trigger, trigger);
  bench.hostUnmounts();
  bench.pass(AWAY_MS);
}

function install(bench: BenchDevice, changes: Partial<TriggerOptions> = {}, payload: Uint8Array = PAYLOAD): void {
  commit(bench, buildInstallTrigger({ ...bench.present(), ...changes }, payload), payload);
}

function answer(bench: BenchDevice): string {
  return `${bench.status().get('state')} ${bench.status().get('code')}`;
}

function fieldsOf(trigger: Uint8Array): Fields {
  const text = readText(trigger, 512);
  if (text.kind !== 'intact') throw new TypeError('the trigger is not intact');
  return new Map([...text.fields].filter(([key]) => key !== 'crc32'));
}

const names = (bench: BenchDevice) => bench.card.paths().filter((path) => path.startsWith('SPACEPAK/'));

describe('boot count and session (protocol §7.1)', () => {
  test('step before each attach after the cable was pulled', () => {
    const bench = createBenchDevice();
    const [count, session] = [bench.info().get('boot-count'), bench.info().get('session')];
    bench.unplug();
    bench.plug();
    bench.pass(1_000);
    expect(count).toBe('1');
    expect(bench.info().get('boot-count')).toBe('2');
    expect(bench.info().get('session')).toMatch(/^[0-9a-f]{16}$/);
    expect(bench.info().get('session')).not.toBe(session);
  });

  test('step before the attach after an install, and after all power was lost', () => {
    const bench = createBenchDevice();
    install(bench);
    expect(bench.info().get('boot-count')).toBe('2');
    bench.losePower();
    bench.restorePower();
    bench.pass(5_000);
    expect(bench.info().get('boot-count')).toBe('3');
  });

  test('do not step while the device stays on the bus', () => {
    const bench = createBenchDevice();
    bench.hostMounts();
    bench.hostUnmounts();
    bench.firmware.hostConfigured();
    bench.pass(600_000);
    expect(bench.firmware.memory.bootCount).toBe(1);
  });
});

describe('an install', () => {
  test('is answered at a greater boot count, with its nonce, versions, hash and the boot count of its trigger', () => {
    const bench = createBenchDevice();
    install(bench);
    expect(answer(bench)).toBe('applied none');
    expect(Object.fromEntries(bench.status())).toMatchObject({
      'boot-count': '2',
      nonce: 'c0'.repeat(16),
      from: '1.0.0+0',
      to: '2.0.0+0',
      image: bench.firmware.runningHash,
      'trigger-boot-count': '1',
    });
    expect(bench.info().get('image')).toBe(bench.firmware.runningHash);
    expect(names(bench)).toEqual(['SPACEPAK/STATUS.TXT', 'SPACEPAK/INFO.TXT']);
  });

  test('keeps the device off the bus for at least 1000 ms, a refusal too (protocol §7.5)', () => {
    for (const payload of [PAYLOAD, PAYLOAD.subarray(1)]) {
      const quick = { attach: 0, away: 1_000, verify: 0, erase: 0, program: 0, start: 0, cardWrites: 0 };
      const bench = createBenchDevice({ settings: { durations: quick } });
      bench.hostMounts();
      bench.hostWrites(RESERVED.payload, payload);
      bench.hostWrites(RESERVED.trigger, buildInstallTrigger(bench.present(), PAYLOAD));
      bench.firmware.hostEjected();
      expect(bench.firmware.onBus).toBe(false);
      bench.pass(999);
      expect(bench.firmware.onBus).toBe(false);
      bench.pass(1);
      expect(bench.firmware.onBus).toBe(true);
    }
  });

  test('is on trial until a host has configured the device, and shows no medium until then (protocol §9.6)', () => {
    const bench = createBenchDevice({ configures: false, securityFloor: 1 });
    install(bench, {}, buildPayload({ securityCounter: 5 }));
    expect(bench.firmware).toMatchObject({ onBus: true, ready: false });
    expect(bench.firmware.memory).toMatchObject({ flashState: 'trial', securityFloor: 1 });
    expect(names(bench)).toContain('SPACEPAK/UPDATE.TRG');
    bench.firmware.hostConfigured();
    bench.pass(1_000);
    expect(bench.firmware.ready).toBe(true);
    expect(bench.firmware.memory).toMatchObject({ flashState: 'confirmed', securityFloor: 5 });
    expect(bench.info().get('security-floor')).toBe('5');
    expect(answer(bench)).toBe('applied none');
  });

  test('ends in the bootloader if power is lost in each of three starts without a host', () => {
    const bench = createBenchDevice({ configures: false });
    install(bench);
    for (let start = 2; start <= 4; start += 1) {
      expect(bench.firmware.mode).toBe('application');
      bench.losePower();
      bench.restorePower();
      bench.pass(5_000);
    }
    expect(bench.firmware.mode).toBe('bootloader');
    expect(answer(bench)).toBe('failed did-not-start');
    expect(Object.fromEntries(bench.info())).toMatchObject({ mode: 'bootloader', version: 'none', image: 'none' });

    install(bench, { nonce: 'd0'.repeat(16), bootCount: 0 });
    for (let start = 0; start < 2; start += 1) {
      bench.losePower();
      bench.restorePower();
      bench.pass(5_000);
    }
    expect(answer(bench)).toBe('rejected stale');
  });

  test('away takes less than Max-Away-ms', () => {
    const { durations, maxAwayMs } = DEFAULT_SETTINGS;
    const longest = Object.values(durations).reduce((sum, ms) => sum + ms, 0) + 2 * durations.start;
    expect(longest).toBeLessThan(maxAwayMs);
  });

  test('by a card that was left dirty still rewrites both files in place and removes trigger and payload', () => {
    const bench = createBenchDevice();
    bench.hostMounts();
    bench.hostWrites(RESERVED.payload, PAYLOAD);
    bench.hostWrites(RESERVED.trigger, buildInstallTrigger(bench.present(), PAYLOAD));
    bench.pass(90_000);
    expect(bench.medium.dirtyMark).toBe(true);
    expect(answer(bench)).toBe('applied none');
    expect(names(bench)).toEqual(['SPACEPAK/STATUS.TXT', 'SPACEPAK/INFO.TXT']);
  });
});

describe('a ping (protocol §5.3, §7.7)', () => {
  test.each<[string, BenchOptions]>([
    ['of an application', {}],
    ['of a bootloader', { runs: null }],
    ['at a low battery', { battery: 1 }],
  ])('%s is echoed and changes nothing else', (_, options) => {
    const bench = createBenchDevice(options);
    const before = bench.firmware.runningHash;
    commit(bench, buildPingTrigger(bench.present()), null);
    expect(bench.status().get('ping-nonce')).toBe('c0'.repeat(16));
    expect(answer(bench)).toBe('idle none');
    expect(bench.firmware.runningHash).toBe(before);
    expect(bench.firmware.memory.bootCount).toBe(2);
  });

  test('leaves the answer to the last install as it was (protocol §6.4)', () => {
    const bench = createBenchDevice();
    install(bench);
    for (const nonce of ['01', '02', '03'].map((byte) => byte.repeat(16))) {
      commit(bench, buildPingTrigger(bench.present(nonce)), null);
      expect(bench.status().get('ping-nonce')).toBe(nonce);
    }
    expect(answer(bench)).toBe('applied none');
    expect(bench.status().get('nonce')).toBe('c0'.repeat(16));
  });

  test('for another serial makes the device leave, but is not echoed', () => {
    const bench = createBenchDevice();
    commit(bench, buildPingTrigger({ ...bench.present(), serial: 'SP00000002' }), null);
    expect(bench.firmware.memory.bootCount).toBe(2);
    expect(bench.status().get('ping-nonce')).toBe('none');
    expect(names(bench)).toEqual(['SPACEPAK/STATUS.TXT', 'SPACEPAK/INFO.TXT']);
  });
});

describe('exactly one answer (protocol §7.6, §9.3)', () => {
  test.each<[string, Partial<TriggerOptions>]>([
    ['another boot count', { bootCount: 77 }],
    ['another session', { session: '00'.repeat(8) }],
  ])('an install for %s is not acted on, and answered stale at the next attach', (_, changes) => {
    const bench = createBenchDevice();
    install(bench, changes);
    bench.pass(100_000);
    expect(bench.firmware.memory.bootCount).toBe(1);
    bench.unplug();
    bench.plug();
    bench.pass(5_000);
    expect(answer(bench)).toBe('rejected stale');
    expect(bench.firmware.runningHash).toBe(bench.info().get('image'));
    expect(bench.info().get('version')).toBe('1.0.0+0');
    expect(names(bench)).toEqual(['SPACEPAK/STATUS.TXT', 'SPACEPAK/INFO.TXT']);
  });

  test('a ping of another session is removed without an answer', () => {
    const bench = createBenchDevice();
    commit(bench, buildPingTrigger({ ...bench.present(), bootCount: 77 }), null);
    bench.unplug();
    bench.plug();
    bench.pass(5_000);
    expect(bench.status().get('ping-nonce')).toBe('none');
    expect(answer(bench)).toBe('idle none');
    expect(names(bench)).toEqual(['SPACEPAK/STATUS.TXT', 'SPACEPAK/INFO.TXT']);
  });

  test('a nonce that was answered is never acted on again, even if its trigger is written anew for this session', () => {
    const bench = createBenchDevice();
    install(bench);
    const erases = () => bench.log.filter(({ message }) => message.startsWith('erases')).length;
    expect(erases()).toBe(1);
    install(bench);
    bench.pass(100_000);
    expect(erases()).toBe(1);
    expect(bench.firmware.memory.bootCount).toBe(2);
  });

  test('a trigger that cannot be removed stays harmless', () => {
    const bench = createBenchDevice();
    bench.hostMounts();
    const trigger = buildInstallTrigger(bench.present(), PAYLOAD);
    bench.hostWrites(RESERVED.payload, PAYLOAD);
    putNode(bench.medium, reservedPath(RESERVED.trigger), { ...fileNode(trigger), chain: 'short' });
    bench.hostUnmounts();
    bench.pass(AWAY_MS);
    expect(answer(bench)).toBe('applied none');
    expect(names(bench)).toContain('SPACEPAK/UPDATE.TRG');
    expect(names(bench)).toContain('SPACEPAK/UPDATE.BIN');
    for (let count = 3; count <= 5; count += 1) {
      bench.unplug();
      bench.plug();
      bench.hostMounts();
      bench.hostUnmounts();
      bench.pass(100_000);
      expect(bench.firmware.memory.bootCount).toBe(count);
      expect(answer(bench)).toBe('applied none');
    }
  });
});

describe('a trigger that is not intact', () => {
  const repeated = (bench: BenchDevice) =>
    writeText([
      ['Protocol', '1'],
      ['Action', 'ping'],
      ['Nonce', bench.present().nonce],
      ['nonce', bench.present().nonce],
      ['Serial', bench.serial],
      ['Boot-Count', '1'],
      ['Session', bench.present().session],
    ]);

  test('but whose CRC is right is refused once, with its nonce, and removed', () => {
    const bench = createBenchDevice();
    commit(bench, repeated(bench));
    expect(answer(bench)).toBe('rejected trigger');
    expect(bench.status().get('nonce')).toBe('c0'.repeat(16));
    expect(names(bench)).toEqual(['SPACEPAK/STATUS.TXT', 'SPACEPAK/INFO.TXT']);
  });

  test('and cannot be removed does not make the device leave again and again', () => {
    const bench = createBenchDevice();
    bench.hostMounts();
    putNode(bench.medium, reservedPath(RESERVED.trigger), { ...fileNode(repeated(bench)), chain: 'short' });
    bench.hostUnmounts();
    bench.pass(AWAY_MS);
    expect(bench.firmware.memory.bootCount).toBe(2);
    for (let write = 0; write < 5; write += 1) {
      bench.hostMounts();
      bench.hostUnmounts();
      bench.pass(100_000);
    }
    expect(bench.firmware.memory.bootCount).toBe(2);
  });

  test('and was there at the attach is never answered', () => {
    const bench = createBenchDevice();
    bench.unplug();
    bench.pass(1_000);
    putNode(bench.medium, reservedPath(RESERVED.trigger), fileNode(repeated(bench)));
    bench.plug();
    bench.pass(1_000);
    bench.hostMounts();
    bench.hostUnmounts();
    bench.pass(100_000);
    expect(answer(bench)).toBe('idle none');
    expect(bench.firmware.memory.bootCount).toBe(2);
  });

  test.each<[string, (bench: BenchDevice, trigger: Uint8Array) => void]>([
    ['torn', (bench, trigger) => bench.hostWrites(RESERVED.trigger, trigger.subarray(0, -1))],
    ['empty', (bench) => bench.hostWrites(RESERVED.trigger, new Uint8Array())],
    [
      'longer than a sector',
      (bench, trigger) => bench.hostWrites(RESERVED.trigger, writeText([...fieldsOf(trigger)], 513)),
    ],
    [
      'an entry without its chain',
      (bench, trigger) => putNode(bench.medium, reservedPath(RESERVED.trigger), entryWithoutChain(trigger.length)),
    ],
    [
      'longer by its entry than by its chain',
      (bench, trigger) =>
        putNode(bench.medium, reservedPath(RESERVED.trigger), { ...fileNode(trigger), sizeBytes: trigger.length + 1 }),
    ],
    [
      'there twice',
      (bench, trigger) => {
        bench.hostWrites(RESERVED.trigger, trigger);
        putNode(bench.medium, 'SPACEPAK/update.trg', fileNode(trigger));
      },
    ],
    ['a folder', (bench) => putNode(bench.medium, 'SPACEPAK/UPDATE.TRG/inside.txt', fileNode(PAYLOAD))],
    ['called ._UPDATE.TRG', (bench, trigger) => putNode(bench.medium, 'SPACEPAK/._UPDATE.TRG', fileNode(trigger))],
    ['in the root', (bench, trigger) => putNode(bench.medium, 'UPDATE.TRG', fileNode(trigger))],
  ])('%s is ignored', (_, writes) => {
    const bench = createBenchDevice();
    bench.hostMounts();
    bench.hostWrites(RESERVED.payload, PAYLOAD);
    writes(bench, buildInstallTrigger(bench.present(), PAYLOAD));
    bench.hostUnmounts();
    bench.pass(200_000);
    expect(bench.firmware.memory.bootCount).toBe(1);
    expect(bench.firmware.onBus).toBe(true);
  });

  test('in other case bits is the trigger all the same (protocol §2.2)', () => {
    const bench = createBenchDevice();
    bench.hostMounts();
    bench.hostWrites(RESERVED.payload, PAYLOAD);
    putNode(bench.medium, 'SPACEPAK/update.trg', fileNode(buildInstallTrigger(bench.present(), PAYLOAD)));
    bench.hostUnmounts();
    bench.pass(AWAY_MS);
    expect(answer(bench)).toBe('applied none');
  });
});

describe('a card that the device must not believe (protocol §9.5)', () => {
  test('whose chains fail the checks is not written to: INFO.TXT keeps the old boot count', () => {
    const bench = createBenchDevice();
    const before = new Map(bench.card.paths().map((path) => [path, bench.card.read(path)]));
    bench.card.damage();
    bench.unplug();
    bench.plug();
    bench.pass(5_000);
    expect(bench.firmware.memory.bootCount).toBe(2);
    expect(bench.info().get('boot-count')).toBe('1');
    expect(new Map(bench.card.paths().map((path) => [path, bench.card.read(path)]))).toEqual(before);
  });

  test('of whose two files only one can be written gets neither, and keeps trigger and payload', () => {
    const bench = createBenchDevice();
    const status = bench.card.read(reservedPath(RESERVED.status));
    const info = bench.card.read(reservedPath(RESERVED.info)) ?? new Uint8Array();
    bench.hostMounts();
    bench.hostWrites(RESERVED.payload, PAYLOAD.subarray(1));
    bench.hostWrites(RESERVED.trigger, buildInstallTrigger(bench.present(), PAYLOAD));
    putNode(bench.medium, reservedPath(RESERVED.info), { ...fileNode(info), chain: 'short' });
    bench.hostUnmounts();
    bench.pass(AWAY_MS);
    expect(bench.firmware.memory.bootCount).toBe(2);
    expect(bench.card.read(reservedPath(RESERVED.status))).toEqual(status);
    expect(names(bench)).toContain('SPACEPAK/UPDATE.TRG');
    expect(names(bench)).toContain('SPACEPAK/UPDATE.BIN');
  });

  test('that is dirty and lacks a file gets none', () => {
    const bench = createBenchDevice();
    bench.hostMounts();
    bench.card.remove(reservedPath(RESERVED.status));
    bench.unplug();
    bench.plug();
    bench.pass(5_000);
    expect(names(bench)).toEqual(['SPACEPAK/INFO.TXT']);
    expect(bench.info().get('boot-count')).toBe('1');
  });

  test('that is clean and lacks a file gets it back', () => {
    const bench = createBenchDevice();
    for (const path of names(bench)) bench.card.remove(path);
    bench.unplug();
    bench.plug();
    bench.pass(5_000);
    expect(names(bench)).toEqual(['SPACEPAK/STATUS.TXT', 'SPACEPAK/INFO.TXT']);
  });

  test('whose payload has a short chain keeps it, and loses the trigger', () => {
    const bench = createBenchDevice();
    bench.hostMounts();
    putNode(bench.medium, reservedPath(RESERVED.payload), entryWithoutChain(PAYLOAD.length));
    bench.hostWrites(RESERVED.trigger, buildInstallTrigger(bench.present(), PAYLOAD));
    bench.hostUnmounts();
    bench.pass(AWAY_MS);
    expect(answer(bench)).toBe('rejected length');
    expect(names(bench)).toEqual(['SPACEPAK/STATUS.TXT', 'SPACEPAK/INFO.TXT', 'SPACEPAK/UPDATE.BIN'].sort().reverse());
  });
});

describe('what the device tells', () => {
  test('has 1024 bytes, always', () => {
    const bench = createBenchDevice();
    install(bench);
    for (const name of [RESERVED.info, RESERVED.status]) {
      expect(bench.card.read(reservedPath(name))?.length).toBe(1_024);
    }
  });

  test.each([
    [{ major: 1, minor: 7 }, 'A107'],
    [{ major: 11, minor: 99 }, 'AB99'],
    [{ major: 200, minor: 200 }, 'AZ99'],
  ])('at version %o its INQUIRY revision is %s (protocol §9.7)', (version, revision) => {
    expect(createBenchDevice({ runs: { version } }).firmware.revision).toBe(revision);
  });

  test('in the bootloader its INQUIRY revision is B000', () => {
    expect(createBenchDevice({ runs: null }).firmware.revision).toBe('B000');
  });
});
