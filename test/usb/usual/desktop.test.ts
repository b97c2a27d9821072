import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { testKeyPair } from '../../fake-volume/spacepack/image/build.ts';
import { buildPingTrigger } from '../../fake-volume/spacepack/trigger-build.ts';
import { type Bench, damageTo, KEY, openBench, until } from '../bench.ts';
import { cardOfUser } from '../cards.ts';
import type { Stick } from '../stick.ts';

let bench: Bench;
let image: string;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'), 'native');
  image = bench.payload('v2.dfu');
  await bench.automount('udisks');
});
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe('on a desktop, a device with real USB', () => {
  test.each([16, 32] as const)('takes an update on a FAT%i card and leaves it clean', async (bits) => {
    // As quiet as the maker has it: udev still looks at what was just unmounted.
    const stick = await bench.stick({ image: cardOfUser(bits), settings: { quietMs: 1_500 } });
    const before = stick.userFiles();
    await bench.plug(stick);
    const { status, code, stderr } = await bench.spacepack(`update ${image} --key ${KEY} --yes`);
    expect({ status, code }, stderr).toEqual({ status: 0, code: 'applied' });
    expect(stick.firmware.revision).toBe('A200');
    // At most the one mount of the returned volume, and no dead one beside it.
    expect((await bench.guest.run('grep -o "^/dev/sd[^ ]*" /proc/mounts')).stdout).toMatch(/^(\/dev\/sd[a-z]1\n)?$/);
    await bench.unmountAll();
    expect(damageTo(stick, before)).toEqual([]);
    expect(await bench.kernelComplaints()).toEqual([]);
  });

  test('rejects an image that a stranger has signed', async () => {
    const stick = await bench.stick();
    const before = stick.userFiles();
    await bench.plug(stick);
    const strange = bench.payload('strange.dfu', { key: testKeyPair('stranger') });
    const { status, code } = await bench.spacepack(`update ${strange} --yes`);
    expect({ status, code }).toEqual({ status: 7, code: 'rejected-signature' });
    expect(stick.firmware.revision).toBe('A100');
    await bench.unmountAll();
    expect(damageTo(stick, before)).toEqual([]);
  });

  test('fails in the middle of an install and is recovered from the bootloader', async () => {
    const stick = await bench.stick({ troubles: [{ at: 'program', visits: [1], outcome: 'fail' }] });
    const before = stick.userFiles();
    await bench.plug(stick);
    const first = await bench.spacepack(`update ${image} --key ${KEY} --yes`);
    expect({ status: first.status, code: first.code }).toEqual({ status: 8, code: 'failed-flash' });
    expect(stick.firmware.mode).toBe('bootloader');
    const second = await bench.spacepack(`update ${image} --key ${KEY} --yes`);
    expect({ status: second.status, code: second.code }).toEqual({ status: 0, code: 'applied' });
    await bench.unmountAll();
    expect(damageTo(stick, before)).toEqual([]);
  });

  test('answers a ping', async () => {
    const stick = await bench.stick();
    await bench.plug(stick);
    const { status, code } = await bench.spacepack('ping');
    expect({ status, code }).toEqual({ status: 0, code: 'ping-answered' });
    expect(stick.firmware.memory.bootCount).toBe(2);
  });

  test('leaves at once when its medium is ejected with a trigger on it', async () => {
    const stick = await bench.stick({ settings: { quietMs: 3_600_000 } });
    await bench.plug(stick);
    const info = Buffer.from(stick.content.read('SPACEPAK/INFO.TXT') ?? []).toString();
    const session = /Session: (\w+)/.exec(info)?.[1] ?? '';
    const trigger = buildPingTrigger({ nonce: '0'.repeat(32), serial: stick.serial, bootCount: 1, session });
    writeFileSync(join(bench.guest.emulator.shared, 'ping.trg'), trigger);
    const place = '/media/user/Untitled 1/SPACEPAK/UPDATE.TRG';
    await bench.guest.ask(`cp /host/ping.trg '${place}' && sync '${place}'`, { user: 'user' });
    await bench.guest.ask('udisksctl unmount --no-user-interaction -b /dev/sda1', { user: 'user' });
    await bench.guest.ask('eject --scsi /dev/sda');
    // An hour of quiet is what it would wait for otherwise.
    await until(() => stick.firmware.memory.bootCount === 2);
    expect(stick.events.map(({ kind }) => kind)).toContain('eject');
    expect(Buffer.from(stick.content.read('SPACEPAK/STATUS.TXT') ?? []).toString()).toContain(
      `Ping-Nonce: ${'0'.repeat(32)}`,
    );
  });

  test('is told from its twin with the same label by its serial', async () => {
    const [left, right] = [await bench.stick(), await bench.stick()];
    await bench.plug(left);
    await bench.plug(right);
    const undecided = await bench.spacepack(`update ${image} --key ${KEY} --yes`);
    expect({ status: undecided.status, code: undecided.code }).toEqual({ status: 4, code: 'several-devices' });
    const { status, code } = await bench.spacepack(`update ${image} --key ${KEY} --yes --device ${right.serial}`);
    expect({ status, code }).toEqual({ status: 0, code: 'applied' });
    expect([left.firmware.revision, right.firmware.revision]).toEqual(['A100', 'A200']);
    expect(left.firmware.memory.bootCount).toBe(1);
  });

  test('is updated with two others on one hub', async () => {
    await bench.guest.emulator.command('device_add', { driver: 'usb-hub', id: 'hub', bus: 'usb.0', port: '4' });
    const sticks: Stick[] = [];
    for (const port of ['4.1', '4.2', '4.3']) sticks.push(await bench.stick({ port, speed: 'full' }));
    for (const stick of sticks) await bench.plug(stick);
    const { status, code, lines } = await bench.spacepack(`update ${image} --key ${KEY} --yes --all`);
    expect({ status, code }).toEqual({ status: 0, code: 'applied' });
    expect(lines.filter(({ event, code }) => event === 'finished' && code === 'applied')).toHaveLength(3);
    expect(sticks.map(({ firmware }) => firmware.revision)).toEqual(['A200', 'A200', 'A200']);
    await bench.clear();
    await bench.guest.emulator.command('device_del', { id: 'hub' });
  });
});
