import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MountedVolume } from '../../../src/protocol/sight.ts';
import { createEnumerator } from '../../../src/volume/enumerator.ts';
import { linuxPlatform } from '../../../src/volume/linux/platform.ts';
import type { Platform } from '../../../src/volume/platform.ts';
import { aComputer, programs, ran } from '../a-computer.ts';
import { temporaryFolder } from '../a-volume.ts';
import { aKernel, type Kernel, lsblkDisk, UDISKS_MOUNT } from './a-kernel.ts';

async function mounted(): Promise<{ kernel: Kernel; platform: Platform; volume: MountedVolume }> {
  const kernel = await aKernel();
  kernel.attach('sdb', '1-2.3', { devnum: 7, diskseq: 21 });
  kernel.mounts(UDISKS_MOUNT);
  const { run } = programs({ lsblk: () => ran(JSON.stringify({ blockdevices: [lsblkDisk()] })) });
  const computer = aComputer({ ...kernel, run });
  const platform = linuxPlatform(computer, createEnumerator(computer.drivelist, computer.clock));
  return { kernel, platform, volume: await first(platform) };
}

async function first(platform: Platform): Promise<MountedVolume> {
  const [drive] = await platform.list();
  const [volume] = drive?.volumes ?? [];
  if (drive === undefined || !volume?.mount) throw new Error('expected a mounted volume');
  return { drive, volume, mount: volume.mount };
}

describe('the same mount of the same attachment', () => {
  test('is still that as long as nothing happens', async () => {
    const { platform, volume } = await mounted();
    expect(await platform.holds(volume, null)).toBe(true);
    await platform.list();
    expect(await platform.holds(volume, null)).toBe(true);
  });

  test.each<[string, (kernel: Kernel) => void]>([
    ['the volume is unmounted', (kernel) => kernel.mounts()],
    ['another volume is mounted there', (kernel) => kernel.mounts(UDISKS_MOUNT.replace('8:17', '8:33'))],
    ['it is mounted anew', (kernel) => kernel.mounts(UDISKS_MOUNT.replace('61', '62'))],
    [
      'another mount covers it',
      (kernel) => kernel.mounts(UDISKS_MOUNT, UDISKS_MOUNT.replace('61 28 8:17', '70 61 0:44')),
    ],
    ['the drive has left and the mount is dead', (kernel) => kernel.detach('sdb', '1-2.3')],
    ['the drive was attached anew', (kernel) => kernel.attach('sdb', '1-2.3', { devnum: 8, diskseq: 22 })],
    ['the card was changed', (kernel) => rmSync(join(kernel.sys, 'dev', 'block', '8:17'))],
    ['mountinfo cannot be read', (kernel) => rmSync(join(kernel.proc, 'self', 'mountinfo'))],
  ])('is not if %s', async (_, change) => {
    const { kernel, platform, volume } = await mounted();
    change(kernel);
    expect(await platform.holds(volume, null)).toBe(false);
  });

  test('an unmount seen by a listing makes the next mount another one, though the kernel gives it the same number', async () => {
    const { kernel, platform, volume } = await mounted();
    kernel.mounts();
    await platform.list();
    kernel.mounts(UDISKS_MOUNT);
    const again = await first(platform);
    expect(again.mount.id).not.toBe(volume.mount.id);
    expect(await platform.holds(volume, null)).toBe(false);
    expect(await platform.holds(again, null)).toBe(true);
  });

  test.each([
    ['in that mount', 'pos:\t0\nflags:\t0300000\nmnt_id:\t61\nino:\t1\n', true],
    ['in the folder below it', 'pos:\t0\nflags:\t0300000\nmnt_id:\t28\nino:\t1\n', false],
    ['of a kernel that does not tell', 'pos:\t0\n', false],
  ])('an open folder %s', async (_, fdinfo, expected) => {
    const { kernel, platform, volume } = await mounted();
    const folder = await open(await temporaryFolder());
    onTestFinished(() => folder.close());
    mkdirSync(join(kernel.proc, 'self', 'fdinfo'), { recursive: true });
    writeFileSync(join(kernel.proc, 'self', 'fdinfo', String(folder.fd)), fdinfo);
    expect(await platform.holds(volume, folder)).toBe(expected);
  });
});
