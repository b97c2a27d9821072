import { readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { UsbIdentity } from '../../protocol/sight.ts';
import { unlessVanished } from '../vanished.ts';
import { kernelText } from './kernel-text.ts';

/** What the kernel says about a disk on USB. */
export interface UsbDisk {
  readonly usb: UsbIdentity;
  /** The kernel's numbers for this attach of this disk: different after every enumeration. */
  readonly attachment: string;
  /** As `Drive.vendor` and `Drive.product`: from INQUIRY, which the kernel keeps padded to 8 and 16 bytes. */
  readonly vendor: string | null;
  readonly product: string | null;
}

/**
 * Describes the disk `name` (`sdb`) from sysfs, without root and without udev; `null` if it is not on a USB device or
 * has left. Throws the system's error if it cannot look. Reads are synchronous: the kernel answers them from memory.
 */
export function readUsbDisk(sys: string, name: string): UsbDisk | null {
  const block = join(sys, 'class', 'block', name);
  const device = usbDeviceAbove(sys, block);
  if (device === null) return null;
  const vendorId = hex(join(device, 'idVendor'));
  const productId = hex(join(device, 'idProduct'));
  const attachment = readAttachment(block, device);
  if (vendorId === null || productId === null || attachment === null) return null;
  const disk: UsbDisk = {
    usb: {
      vendorId,
      productId,
      bcdDevice: hex(join(device, 'bcdDevice')),
      serial: line(join(device, 'serial')) || null,
      port: basename(device),
      revision: line(join(block, 'device', 'rev')) || null,
    },
    attachment,
    vendor: line(join(block, 'device', 'vendor')),
    product: line(join(block, 'device', 'model')),
  };
  // If the device left meanwhile, the values read last are missing and would look like values that it does not report.
  return readUsbAttachment(sys, name) === attachment ? disk : null;
}

/**
 * The names of all disks on USB, without partitions: the kernel's links to devices name the buses along the path.
 * `null` if no kernel shows its devices there. Throws the system's error if it cannot look.
 */
export function usbDiskNames(sys: string): readonly string[] | null {
  const folder = join(sys, 'class', 'block');
  const names = unlessVanished(() => readdirSync(folder));
  return (
    names?.filter((name) =>
      /\/usb\d+\/.*\/block\/[^/]+$/.test(unlessVanished(() => readlinkSync(join(folder, name))) ?? ''),
    ) ?? null
  );
}

/** The attachment of the disk `name` now; `null` if it has left. Throws the system's error if it cannot look. */
export function readUsbAttachment(sys: string, name: string): string | null {
  const block = join(sys, 'class', 'block', name);
  const device = usbDeviceAbove(sys, block);
  return device === null ? null : readAttachment(block, device);
}

function readAttachment(block: string, device: string): string | null {
  const [bus, number] = [line(join(device, 'busnum')), line(join(device, 'devnum'))];
  // diskseq grows with each attach and is never used again; kernels before 5.15 do not have it.
  return !bus || !number ? null : `${bus}:${number}:${line(join(block, 'diskseq')) ?? ''}`;
}

/** The nearest folder above the disk that is a USB device: interfaces have no `idVendor`. */
function usbDeviceAbove(sys: string, block: string): string | null {
  const start = unlessVanished(() => realpathSync.native(block));
  const top = unlessVanished(() => realpathSync.native(sys));
  if (start === null || top === null) return null;
  for (let folder = start; folder.startsWith(top) && folder !== top; folder = dirname(folder)) {
    if (statSync(join(folder, 'idVendor'), { throwIfNoEntry: false })) return folder;
  }
  return null;
}

function hex(path: string): number | null {
  const text = line(path);
  return text !== null && /^[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : null;
}

/** The trimmed content of an attribute; `null` if there is none. */
function line(path: string): string | null {
  return unlessVanished(() => kernelText(path, 'utf8').trim());
}
