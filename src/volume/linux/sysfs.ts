import { existsSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { UsbIdentity } from '../../protocol/sight.ts';
import { kernelText } from './kernel-text.ts';

/** What the kernel says of a disk that hangs on USB. */
export interface UsbDisk {
  readonly usb: UsbIdentity;
  /** The kernel's numbers for this attach of this disk: another one after every enumeration. */
  readonly attachment: string;
  /** Vendor and model as INQUIRY gave them. */
  readonly mediaName: string;
}

/**
 * Describes the disk `name` (`sdb`) from sysfs, without root and without udev; `null` if it hangs on no USB device or has left.
 * Reads are synchronous: the kernel answers them from memory.
 */
export function readUsbDisk(sys: string, name: string): UsbDisk | null {
  const block = join(sys, 'class', 'block', name);
  const device = usbDeviceAbove(sys, block);
  if (device === null) return null;
  const vendorId = hex(join(device, 'idVendor'));
  const productId = hex(join(device, 'idProduct'));
  const attachment = readAttachment(block, device);
  if (vendorId === null || productId === null || attachment === null) return null;
  return {
    usb: {
      vendorId,
      productId,
      bcdDevice: hex(join(device, 'bcdDevice')),
      serial: line(join(device, 'serial')),
      port: basename(device),
      revision: line(join(block, 'device', 'rev')),
    },
    attachment,
    mediaName: [line(join(block, 'device', 'vendor')), line(join(block, 'device', 'model'))].filter(Boolean).join(' '),
  };
}

/**
 * The names of all disks that hang on USB, partitions left out: the kernel's links to devices name the buses on the way. `null`
 * where there is no telling.
 */
export function usbDiskNames(sys: string): readonly string[] | null {
  const folder = join(sys, 'class', 'block');
  try {
    return readdirSync(folder).filter((name) => /\/usb\d+\/.*\/block\/[^/]+$/.test(readlinkSync(join(folder, name))));
  } catch {
    return null;
  }
}

/** The attachment of the disk `name` now; `null` if it has left. */
export function readUsbAttachment(sys: string, name: string): string | null {
  const block = join(sys, 'class', 'block', name);
  const device = usbDeviceAbove(sys, block);
  return device === null ? null : readAttachment(block, device);
}

function readAttachment(block: string, device: string): string | null {
  const [bus, number] = [line(join(device, 'busnum')), line(join(device, 'devnum'))];
  // diskseq grows with each attach and is never used again; kernels before 5.15 do not have it.
  return bus === null || number === null ? null : `${bus}:${number}:${line(join(block, 'diskseq')) ?? ''}`;
}

/** The nearest folder above the disk's that is a USB device: interfaces have no `idVendor`. */
function usbDeviceAbove(sys: string, block: string): string | null {
  let folder: string;
  let top: string;
  try {
    folder = realpathSync.native(block);
    top = realpathSync.native(sys);
  } catch {
    return null;
  }
  for (; folder.startsWith(top) && folder !== top; folder = dirname(folder)) {
    if (existsSync(join(folder, 'idVendor'))) return folder;
  }
  return null;
}

function hex(path: string): number | null {
  const text = line(path);
  return text !== null && /^[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : null;
}

/** The trimmed content of an attribute; `null` if there is none or it is empty. */
function line(path: string): string | null {
  try {
    return kernelText(path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
