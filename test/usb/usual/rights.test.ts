import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Bench, damageTo, KEY, openBench, writesTo } from '../bench.ts';

let bench: Bench;
let update: string;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  update = `update ${bench.payload('v2.dfu')} --key ${KEY} --yes`;
});
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe('a device with real USB, without what a desktop has', () => {
  test('is updated by its user where nobody mounts', async () => {
    await bench.automount('nobody');
    const stick = await bench.stick();
    await bench.plug(stick);
    const { status, code, stderr } = await bench.spacepack(update);
    expect({ status, code }, stderr).toEqual({ status: 0, code: 'applied' });
  });

  test('gets nothing written by somebody without rights, who is told what to do', async () => {
    await bench.automount('nobody');
    const stick = await bench.stick();
    await bench.plug(stick);
    stick.clearEvents();
    const { status, code, remedy } = await bench.spacepack(update, { user: 'visitor' });
    expect({ status, code }).toEqual({ status: 6, code: 'volume-not-mounted' });
    expect(remedy).toMatch(/mount/);
    expect(writesTo(stick)).toEqual([]);
  });

  test('gets nothing written by somebody to whom another one’s mount is closed', async () => {
    await bench.automount('udisks');
    const stick = await bench.stick();
    await bench.plug(stick);
    stick.clearEvents();
    const { status, code } = await bench.spacepack(update, { user: 'visitor' });
    expect({ status, code }).toEqual({ status: 6, code: 'volume-permission' });
    expect(writesTo(stick)).toEqual([]);
  });

  test('is updated where fstab mounts it elsewhere', async () => {
    await bench.automount('nobody');
    const place = '/mnt/backpack';
    await bench.guest.ask(
      `mkdir -p ${place} && echo 'LABEL=Untitled\\0401 ${place} vfat noauto,users,umask=000 0 0' >>/etc/fstab`,
    );
    const stick = await bench.stick();
    await bench.plug(stick);
    await bench.guest.ask(`mount ${place}`, { user: 'user' });
    const { status, code, stderr } = await bench.spacepack(update);
    expect({ status, code }, stderr).toEqual({ status: 0, code: 'applied' });
    await bench.guest.ask("sed -i '$d' /etc/fstab");
  });

  test.each(['rw', 'sync', 'flush', 'dirsync'])('is updated by root on a volume mounted with %s', async (options) => {
    await bench.automount({ options });
    const stick = await bench.stick();
    const before = stick.userFiles();
    await bench.plug(stick);
    const { status, code, stderr } = await bench.spacepack(update, { user: 'root' });
    expect({ status, code }, stderr).toEqual({ status: 0, code: 'applied' });
    await bench.unmountAll();
    expect(damageTo(stick, before)).toEqual([]);
  });

  // The last one: udisks2 does not come back.
  test('is updated by root where there is no udisks2', async () => {
    await bench.automount('nobody');
    await bench.guest.ask(
      'mv /usr/bin/udisksctl /usr/bin/udisksctl.away; rm -f /usr/share/dbus-1/system-services/org.freedesktop.UDisks2.service; killall udisksd || pkill udisksd',
    );
    const stick = await bench.stick();
    const before = stick.userFiles();
    await bench.plug(stick);
    const { status, code, stderr } = await bench.spacepack(update, { user: 'root' });
    expect({ status, code }, stderr).toEqual({ status: 0, code: 'applied' });
    await bench.unmountAll();
    expect(damageTo(stick, before)).toEqual([]);
    expect(await bench.guest.ask('ls /run/spacepack 2>/dev/null || true')).toBe('');
  });
});
