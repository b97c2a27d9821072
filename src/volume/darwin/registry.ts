import type { RunProgram } from '../../computer/run-program.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Drive, UsbIdentity } from '../../protocol/sight.ts';
import { type Dictionary, isDictionary, numberOf, runForPropertyList, sizeOf, textAt } from './property-list.ts';

/** A whole disk below a USB device in the I/O registry, or a drive without a medium. */
export interface RegistryDisk {
  /** `disk4`; a drive without a medium has only the name of its USB device, `space pack@1a122000`. */
  readonly name: string;
  readonly usb: UsbIdentity;
  /** The registry's number for the USB device: not used again until the computer restarts. */
  readonly attachment: string;
  /** As `Drive.vendor` and `Drive.product`. */
  readonly vendor: string | null;
  readonly product: string | null;
  readonly mediaName: string;
  readonly sizeBytes: number;
  readonly writable: boolean;
  /** `unknown` also for a disk without a partition table. */
  readonly scheme: Drive['scheme'];
  readonly partitions: readonly { readonly name: string; readonly sizeBytes: number }[];
}

/** The class of USB devices since macOS 10.11, and the one before it; ioreg finds their subclasses too. */
const USB_CLASSES = ['IOUSBHostDevice', 'IOUSBDevice'];

/**
 * These, and the subclass that macOS 10.11 to 10.15 uses for devices. A hub's own classes have no disk of their own.
 */
const USB_DEVICES: readonly unknown[] = [...USB_CLASSES, 'AppleUSBDevice'];

/**
 * The disks on USB, from ioreg: the only source that knows USB ids and disks together and is the same on all versions
 * of macOS. It opens no volume, so macOS does not ask the user for permission. Rejects with `listing-failed`.
 */
export async function listRegistryDisks(run: RunProgram): Promise<readonly RegistryDisk[]> {
  for (const usbClass of USB_CLASSES) {
    const { value, ran } = await runForPropertyList(run, 'ioreg', ['-a', '-r', '-c', usbClass, '-l', '-w', '0']);
    if (ran.status === 0 && Array.isArray(value) && value.every(isDictionary)) {
      return value.flatMap((root) => registryDisks(root));
    }
    // Without a device of that class, ioreg prints nothing at all.
    if (ran.status === 0 && ran.stdout.trim() === '') continue;
    const found = ran.stderr.trim() || (ran.failure ?? `exit status ${ran.status}`);
    throw new SpacepackError('listing-failed', `Expected ioreg to list the USB devices, found: ${found}`);
  }
  return [];
}

/** The disks at and below a node of ioreg's output. A device behind a hub occurs once, below the hub. */
function registryDisks(node: unknown, above: readonly Dictionary[] = []): readonly RegistryDisk[] {
  if (!isDictionary(node)) return [];
  const disk = describeDisk(node, above);
  const children: unknown = node['IORegistryEntryChildren'];
  const below = Array.isArray(children) ? children.flatMap((child) => registryDisks(child, [...above, node])) : [];
  return disk === null ? below : [disk, ...below];
}

/**
 * A disk's USB device is the nearest node above it that has a device class. The nodes between them (its interface and
 * the mass-storage nubs) have copies of `idVendor` and `idProduct`, but not of serial, location and revision.
 */
function describeDisk(node: Dictionary, above: readonly Dictionary[]): RegistryDisk | null {
  const isWhole = textAt(node, 'BSD Name') !== null && node['Whole'] === true;
  if (!isWhole && !isWithoutMedium(node)) return null;
  const device = above.findLast((each) => USB_DEVICES.includes(each['IOObjectClass']));
  if (device === undefined) return null;
  const between = above.slice(above.indexOf(device));
  // A container on one of a disk's partitions is shown as another whole disk: its volumes are the real disk's.
  if (between.some((each) => textAt(each, 'BSD Name') !== null)) return null;
  const inquiry = inquiryOf(between);
  const usb = usbOf(device, inquiry('Product Revision Level') || null);
  const attachment = numberOf(device, 'IORegistryEntryID') ?? numberOf(device, 'sessionID');
  if (usb === null || attachment === null) return null;
  return {
    name: textAt(node, 'BSD Name') ?? `${textAt(device, 'IORegistryEntryName') ?? 'USB'}@${usb.port ?? attachment}`,
    usb,
    attachment: String(attachment),
    vendor: inquiry('Vendor Identification', 'Vendor Name'),
    product: inquiry('Product Identification', 'Product Name'),
    mediaName: textAt(isWhole ? node : device, 'IORegistryEntryName') ?? '',
    sizeBytes: sizeOf(node, 'Size'),
    writable: node['Writable'] !== false,
    scheme: schemeOf(textAt(node, 'Content')),
    partitions: partitionsOf(node),
  };
}

/** IOMedia exists only while there is a medium: without one, the block device has no disk below it. */
function isWithoutMedium(node: Dictionary): boolean {
  const children: unknown = node['IORegistryEntryChildren'];
  const below = Array.isArray(children) ? children.filter(isDictionary) : [];
  return node['IOObjectClass'] === 'IOBlockStorageDriver' && !below.some((child) => textAt(child, 'BSD Name') !== null);
}

function usbOf(device: Dictionary, revision: string | null): UsbIdentity | null {
  const [vendorId, productId] = [numberOf(device, 'idVendor'), numberOf(device, 'idProduct')];
  if (vendorId === null || productId === null) return null;
  const location = numberOf(device, 'locationID');
  return {
    vendorId,
    productId,
    bcdDevice: numberOf(device, 'bcdDevice'),
    serial: textAt(device, 'USB Serial Number', 'kUSBSerialNumberString'),
    // 32 bits, which a property list shows as a signed number.
    port: location === null ? null : (location >>> 0).toString(16).padStart(8, '0'),
    revision,
  };
}

/**
 * Looks up what INQUIRY said, in the nodes from the device down: under the key of the SCSI nub, or under that of the
 * block device's characteristics, which is often the same.
 */
function inquiryOf(nodes: readonly Dictionary[]): (nubKey: string, deviceKey?: string) => string | null {
  const characteristics = nodes.map((node) => node['Device Characteristics']).filter(isDictionary);
  const first = (among: readonly Dictionary[], key: string): string | null =>
    among
      .map((each) => each[key])
      .find((found) => typeof found === 'string')
      ?.trim() ?? null;
  return (nubKey, deviceKey = nubKey) => first(nodes, nubKey) ?? first(characteristics, deviceKey);
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
    const name = textAt(child, 'BSD Name');
    const own = name === null || child['Whole'] === true ? [] : [{ name, sizeBytes: sizeOf(child, 'Size') }];
    return [...own, ...partitionsOf(child)];
  });
}
