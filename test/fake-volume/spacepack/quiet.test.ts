import { describe, expect, test } from 'vitest';
import { type BenchDevice, type BenchOptions, createBenchDevice } from '../bench-device.ts';
import { RESERVED } from '../cards/card.ts';
import { buildPayload } from './image/build.ts';
import { buildInstallTrigger } from './trigger-build.ts';

const PAYLOAD = buildPayload();
const QUIET_MS = 1_500;
const QUIET_DIRTY_MS = 40_000;

function stage(bench: BenchDevice): void {
  bench.hostWrites(RESERVED.payload, PAYLOAD);
  bench.hostWrites(RESERVED.trigger, buildInstallTrigger(bench.present(), PAYLOAD));
}

/** A device with an intact trigger, on a volume that is still mounted. */
function staged(options?: BenchOptions): BenchDevice {
  const bench = createBenchDevice(options);
  bench.hostMounts();
  stage(bench);
  return bench;
}

/** After how many ms, from now, the device leaves; looked at every 10 ms. */
function leavesAfter(bench: BenchDevice, atMostMs: number): number | null {
  for (let ms = 0; ms <= atMostMs; ms += 10) {
    if (!bench.firmware.onBus) return ms;
    bench.pass(10);
  }
  return null;
}

describe('a device with an intact trigger (protocol §7.3)', () => {
  test('leaves Quiet-ms after the write that cleared the dirty mark', () => {
    const bench = staged();
    bench.pass(700);
    bench.hostUnmounts();
    expect(leavesAfter(bench, 60_000)).toBe(QUIET_MS);
  });

  test('waits Quiet-Dirty-ms after the last write while the dirty mark is set', () => {
    expect(leavesAfter(staged(), 60_000)).toBe(QUIET_DIRTY_MS);
  });

  test('waits anew after each write', () => {
    const bench = staged();
    bench.hostUnmounts();
    for (let count = 0; count < 10; count += 1) {
      bench.pass(QUIET_MS - 10);
      bench.firmware.hostWrote();
    }
    expect(bench.firmware.onBus).toBe(true);
    expect(leavesAfter(bench, 60_000)).toBe(QUIET_MS);
  });

  test('waits Quiet-Dirty-ms if the dirty mark was never set in this session', () => {
    const bench = createBenchDevice();
    stage(bench);
    expect(leavesAfter(bench, 60_000)).toBe(QUIET_DIRTY_MS);
  });

  test('waits Quiet-Dirty-ms if the dirty mark of an earlier session has gone, but none was set in this one', () => {
    const bench = createBenchDevice();
    bench.unplug();
    bench.medium.dirtyMark = true;
    bench.plug();
    bench.pass(5_000);
    stage(bench);
    bench.hostUnmounts();
    expect(leavesAfter(bench, 60_000)).toBe(QUIET_DIRTY_MS);
  });

  test('waits Quiet-Dirty-ms after the volume was mounted again', () => {
    const bench = staged();
    bench.hostUnmounts();
    bench.pass(1_000);
    bench.hostMounts();
    expect(leavesAfter(bench, 60_000)).toBe(QUIET_DIRTY_MS);
  });

  test('leaves at once on an eject', () => {
    const bench = staged();
    bench.firmware.hostEjected();
    expect(leavesAfter(bench, 60_000)).toBe(0);
  });

  test('installs on battery when the cable is pulled, and answers when it is plugged in again', () => {
    const bench = staged();
    bench.unplug();
    bench.pass(20_000);
    expect(bench.firmware.onBus).toBe(false);
    bench.plug();
    bench.pass(5_000);
    expect(bench.status().get('state')).toBe('applied');
    expect(bench.info().get('version')).toBe('2.0.0+0');
  });

  test('does not install when the cable is pulled and the battery is low: the trigger is stale then', () => {
    const bench = staged({ battery: 29 });
    bench.unplug();
    bench.pass(20_000);
    bench.plug();
    bench.pass(5_000);
    expect(bench.status().get('code')).toBe('stale');
    expect(bench.info().get('version')).toBe('1.0.0+0');
  });

  test('takes a mismatch for "not yet" until it is quiet, and for an answer then', () => {
    const bench = createBenchDevice();
    bench.hostMounts();
    bench.hostWrites(RESERVED.trigger, buildInstallTrigger(bench.present(), PAYLOAD));
    bench.pass(QUIET_DIRTY_MS - 10);
    bench.hostWrites(RESERVED.payload, PAYLOAD);
    bench.hostUnmounts();
    bench.pass(30_000);
    expect(bench.status().get('state')).toBe('applied');

    bench.hostMounts();
    const missing = buildInstallTrigger(bench.present('d1'.repeat(16)), PAYLOAD);
    bench.hostWrites(RESERVED.trigger, missing);
    bench.hostUnmounts();
    bench.pass(30_000);
    expect(bench.status().get('code')).toBe('length');
  });
});

describe('a device without a trigger', () => {
  test.each<[string, (bench: BenchDevice) => void]>([
    ['stays when its volume is unmounted', (bench) => bench.hostUnmounts()],
    ['stays when its volume stays mounted', () => {}],
    ['stays on the bus when its medium is ejected, and shows no medium', (bench) => bench.firmware.hostEjected()],
  ])('%s', (_, happens) => {
    const bench = createBenchDevice();
    bench.hostMounts();
    bench.hostWrites(RESERVED.payload, PAYLOAD);
    happens(bench);
    expect(leavesAfter(bench, 120_000)).toBeNull();
    expect(bench.firmware.memory.bootCount).toBe(1);
  });
});
