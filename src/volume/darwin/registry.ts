import { SpacepackError } from '../../protocol/errors.ts';
import type { Drive, UsbIdentity } from '../../protocol/sight.ts';
import type { Run } from '../run.ts';
import { type Dictionary, isDictionary, numberOf, runForPropertyList, textOf } from './property-list.ts';

/** A whole disk below a USB device in the I/O registry. */
export interface RegistryDisk {
  /** `disk4`. */
  readonly name: string;
  readonly usb: UsbIdentity;
  /** The registry's number of the USB device: never used again until the next start of the computer. */
  readonly attachment: string;
  readonly mediaName: string;
  readonly sizeBytes: number;
  readonly writable: boolean;
  /** `unknown` also for a disk without a partition table. */
  readonly scheme: Drive['scheme'];
  readonly partitions: readonly { readonly name: string; readonly sizeBytes: number }[];
}

/** The class of USB devices since macOS 10.11, and the one before it. */
const USB_CLASSES = ['IOUSBHostDevice', 'IOUSBDevice'];

/**
 * The disks on USB, by ioreg: the one source that knows USB ids and disks together and is the same on all versions of macOS.
 * It opens no volume, so the user is asked for no permission. Rejects with `listing-failed`.
 */
export async function listRegistryDisks(run: Run): Promise<readonly RegistryDisk[]> {
  let said = '';
  for (const usbClass of USB_CLASSES) {
    const { value, ran } = await runForPropertyList(run, 'ioreg', ['-a', '-r', '-c', usbClass, '-l', '-w', '0']);
    if (Array.isArray(value)) return registryDisks(value);
    // Without a device of that class ioreg prints nothing at all.
    if (ran.status !== 0) said = ran.stderr.trim() || (ran.failure ?? `exit status ${ran.status}`);
  }
  if (said === '') return [];
  throw new SpacepackError('listing-failed', `expected ioreg to list the USB devices, found: ${said}`);
}

/** The disks in what ioreg printed. A disk behind a hub occurs twice: below the hub and below its own device. */
export function registryDisks(roots: readonly unknown[]): readonly RegistryDisk[] {
  const found = new Map<string, RegistryDisk>();
  for (const root of roots) visit(root, [], found);
  return [...found.values()];
}

function visit(node: unknown, above: readonly Dictionary[], found: Map<string, RegistryDisk>): void {
  if (!isDictionary(node)) return;
  const disk = describeDisk(node, above);
  // The walk comes to a disk below its own device with the same nearest ancestor, so the first find is as good as the last.
  if (disk !== null) found.set(disk.name, disk);
  const children = node['IORegistryEntryChildren'];
  if (Array.isArray(children)) for (const child of children) visit(child, [...above, node], found);
}

function describeDisk(node: Dictionary, above: readonly Dictionary[]): RegistryDisk | null {
  const name = textOf(node, 'BSD Name');
  if (name === null || node['Whole'] !== true) return null;
  const device = above.findLast((each) => numberOf(each, 'idVendor') !== null);
  if (device === undefined) return null;
  const usb = usbOf(device, above);
  const attachment = numberOf(device, 'IORegistryEntryID') ?? numberOf(device, 'sessionID');
  if (usb === null || attachment === null) return null;
  return {
    name,
    usb,
    attachment: String(attachment),
    mediaName: textOf(node, 'IORegistryEntryName') ?? '',
    sizeBytes: numberOf(node, 'Size') ?? 0,
    writable: node['Writable'] !== false,
    scheme: schemeOf(textOf(node, 'Content')),
    partitions: partitionsOf(node),
  };
}

function usbOf(device: Dictionary, above: readonly Dictionary[]): UsbIdentity | null {
  const [vendorId, productId] = [numberOf(device, 'idVendor'), numberOf(device, 'idProduct')];
  if (vendorId === null || productId === null) return null;
  const location = numberOf(device, 'locationID');
  return {
    vendorId,
    productId,
    bcdDevice: numberOf(device, 'bcdDevice'),
    serial: textOf(device, 'USB Serial Number', 'kUSBSerialNumberString'),
    port: location === null ? null : location.toString(16).padStart(8, '0'),
    revision: revisionOf(above.slice(above.indexOf(device))),
  };
}

/** INQUIRY's revision: on the SCSI nub itself, or in the characteristics of the block device. */
function revisionOf(nodes: readonly Dictionary[]): string | null {
  const key = 'Product Revision Level';
  for (const node of nodes) {
    const characteristics = node['Device Characteristics'];
    const found = textOf(node, key) ?? (isDictionary(characteristics) ? textOf(characteristics, key) : null);
    if (found !== null) return found;
  }
  return null;
}

function schemeOf(content: string | null): Drive['scheme'] {
  switch (content) {
    case 'FDisk_partition_scheme':
      return 'mbr';
    case 'GUID_partition_scheme':
      return 'gpt';
    default:
      return 'unknown';
  }
}

function partitionsOf(node: Dictionary): RegistryDisk['partitions'] {
  const children = node['IORegistryEntryChildren'];
  if (!Array.isArray(children)) return [];
  return children.filter(isDictionary).flatMap((child) => {
    const name = textOf(child, 'BSD Name');
    const own = name === null || child['Whole'] === true ? [] : [{ name, sizeBytes: numberOf(child, 'Size') ?? 0 }];
    return [...own, ...partitionsOf(child)];
  });
}
