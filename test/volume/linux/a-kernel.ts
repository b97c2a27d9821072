import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { temporaryFolder } from '../a-volume.ts';

/** Folders that look like /proc, /sys and /run. */
export interface Kernel {
  readonly proc: string;
  readonly sys: string;
  readonly runDirectory: string;
  /** Plugs a disk in at `port`; `numbers` are devnum and diskseq. */
  attach(disk: string, port: string, numbers: { readonly devnum: number; readonly diskseq: number }): void;
  detach(disk: string, port: string): void;
  /** Lines of mountinfo. */
  mounts(...lines: string[]): void;
  event(): void;
  /** udev writes down what it found out of a device, `8:17` for instance, so many ms ago. */
  note(device: string, properties: Readonly<Record<string, string>>, msAgo?: number): void;
}

/** SpacePack's numbers, as the kernel writes them in sysfs. */
const USB_ATTRIBUTES = { idVendor: '19e7', idProduct: '1111', bcdDevice: '0100', serial: 'SP0042', busnum: '1' };
/** INQUIRY's fields with their blanks: the kernel shows them in their full width (drivers/scsi/scsi_sysfs.c, `%.8s`, `%.16s`). */
const SCSI_ATTRIBUTES = { vendor: 'mophie  ', model: 'SpacePack       ', rev: 'A102' };

export const DISK_BYTES = 31_914_983_424;
export const PARTITION_BYTES = 31_910_789_120;

/** What udev notes of a SpacePack's disk and of its partition. */
export const DISK_NOTE = { ID_VENDOR: 'mophie', ID_MODEL: 'SpacePack', ID_PART_TABLE_TYPE: 'dos' } as const;
export const PARTITION_NOTE = {
  ID_FS_TYPE: 'vfat',
  ID_FS_VERSION: 'FAT32',
  ID_FS_LABEL: 'Untitled_1',
  ID_FS_LABEL_ENC: 'Untitled\\x201',
  ID_PART_TABLE_TYPE: 'dos',
  ID_PART_ENTRY_TYPE: '0xc',
} as const;

export async function aKernel(): Promise<Kernel> {
  const base = await temporaryFolder();
  const [proc, sys, runDirectory] = [join(base, 'proc'), join(base, 'sys'), join(base, 'run')];
  let events = 100;
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const link = (path: string, target: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    symlinkSync(relative(dirname(path), target), path);
  };
  const usbFolder = (port: string): string => join(sys, 'devices', 'pci0000:00', '0000:00:14.0', 'usb1', port);
  const kernel: Kernel = {
    proc,
    sys,
    runDirectory,
    attach(disk, port, { devnum, diskseq }) {
      const usb = usbFolder(port);
      for (const [name, value] of Object.entries({ ...USB_ATTRIBUTES, devnum: String(devnum) })) {
        write(join(usb, name), `${value}\n`);
      }
      const scsi = join(usb, `${port}:1.0`, 'host2', 'target2:0:0', '2:0:0:0');
      for (const [name, value] of Object.entries(SCSI_ATTRIBUTES)) write(join(scsi, name), `${value}\n`);
      const block = join(scsi, 'block', disk);
      write(join(block, 'diskseq'), `${diskseq}\n`);
      const minor = 16 * (disk.charCodeAt(2) - 'a'.charCodeAt(0));
      const whole = { dev: `8:${minor}`, size: String(DISK_BYTES / 512), ro: '0' };
      const part = { dev: `8:${minor + 1}`, size: String(PARTITION_BYTES / 512), partition: '1' };
      for (const [name, value] of Object.entries(whole)) write(join(block, name), `${value}\n`);
      for (const [name, value] of Object.entries(part)) write(join(block, `${disk}1`, name), `${value}\n`);
      write(join(block, 'queue', 'rotational'), '1\n');
      link(join(block, 'device'), scsi);
      link(join(sys, 'class', 'block', disk), block);
      link(join(sys, 'class', 'block', `${disk}1`), join(block, `${disk}1`));
      link(join(sys, 'dev', 'block', `8:${minor}`), block);
      link(join(sys, 'dev', 'block', `8:${minor + 1}`), join(block, `${disk}1`));
      kernel.event();
    },
    detach(disk, port) {
      rmSync(usbFolder(port), { recursive: true, force: true });
      for (const name of [disk, `${disk}1`]) rmSync(join(sys, 'class', 'block', name), { force: true });
      kernel.event();
    },
    mounts(...lines) {
      write(
        join(proc, 'self', 'mountinfo'),
        `${['28 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw', ...lines].join('\n')}\n`,
      );
    },
    event() {
      events += 1;
      write(join(sys, 'kernel', 'uevent_seqnum'), `${events}\n`);
    },
    note(device, properties, msAgo = 10_000) {
      const folder = join(runDirectory, 'udev', 'data');
      const lines = Object.entries(properties).map(([key, value]) => `E:${key}=${value}\n`);
      write(
        join(folder, `b${device}`),
        ['S:disk/by-id/usb-mophie_SpacePack_SP0042-0:0\n', 'I:123456\n', ...lines, 'G:systemd\n'].join(''),
      );
      const time = (Date.now() - msAgo) / 1000;
      utimesSync(folder, time, time);
    },
  };
  kernel.mounts();
  kernel.event();
  return kernel;
}

/** How lsblk shows a disk with one partition; parts can be replaced. */
export function lsblkDisk(disk: Record<string, unknown> = {}, partition: Record<string, unknown> | null = {}): object {
  const base = {
    path: '/dev/sdb',
    'maj:min': '8:16',
    type: 'disk',
    tran: 'usb',
    rm: true,
    hotplug: true,
    ro: false,
    size: DISK_BYTES,
    fstype: null,
    fsver: null,
    label: null,
    pttype: 'dos',
  };
  const child = {
    ...base,
    path: '/dev/sdb1',
    'maj:min': '8:17',
    type: 'part',
    tran: null,
    size: PARTITION_BYTES,
    fstype: 'vfat',
    fsver: 'FAT32',
    label: 'Untitled 1',
    parttype: '0xc',
  };
  return { ...base, ...disk, ...(partition === null ? {} : { children: [{ ...child, ...partition }] }) };
}

export const UDISKS_MOUNT =
  '61 28 8:17 / /media/me/Untitled\\0401 rw,nosuid,nodev,relatime shared:33 - vfat /dev/sdb1 rw,uid=1000,flush';
