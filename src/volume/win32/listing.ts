import type { RunProgram } from '../../computer/run-program.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import { memberOf } from '../../protocol/shapes.ts';
import type { Drive, UsbIdentity } from '../../protocol/sight.ts';
import { errorOf, runPowerShell } from './powershell.ts';
import { LIST_DISKS, requireAttachment } from './scripts.ts';

/** A USB disk as CIM and the device tree show it. */
export interface WindowsDisk {
  /** `\\.\PHYSICALDRIVE1`; of a device that was ejected, its instance id, `USB\VID_19E7&PID_1111\SP0042`. */
  readonly id: string;
  /** The disk's own instance id; `null` if the device shows no disk. */
  readonly instance: string | null;
  readonly attachment: string;
  readonly usb: UsbIdentity;
  /** As `Drive.vendor` and `Drive.product`. */
  readonly vendor: string | null;
  readonly product: string | null;
  readonly mediaName: string;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  readonly scheme: Drive['scheme'];
  readonly volumes: readonly WindowsVolume[];
}

export interface WindowsVolume {
  /** `E:`, or `\\?\Volume{…}\` if it has no letter. */
  readonly id: string;
  readonly letter: string | null;
  readonly label: string;
  readonly fileSystem: string | null;
  readonly sizeBytes: number;
}

/** What a listing found. */
export interface WindowsListing {
  readonly disks: readonly WindowsDisk[];
  /** Disks that could not be described, by their instance ids. */
  readonly odd: readonly { readonly instance: string; readonly trouble: string }[];
}

/** The disks on USB. Rejects with `listing-failed`. */
export async function listWindowsDisks(run: RunProgram): Promise<WindowsListing> {
  const ran = await runPowerShell(run, LIST_DISKS);
  if (ran.status !== 0) {
    const found = ran.failure === 'missing' ? 'it is not installed' : errorOf(ran);
    throw new SpacepackError('listing-failed', `Expected PowerShell to list the drives, found: ${found}`);
  }
  return parseWindowsDisks(ran.stdout);
}

/** Whether the device has not been attached again since. Rejects with `listing-failed`. */
export async function isStillAttached(run: RunProgram, attachment: string): Promise<boolean> {
  const ran = await runPowerShell(run, `${requireAttachment(attachment)}\n'same'`);
  const said = ran.stdout.trim();
  if (ran.status === 0 && (said === 'same' || said === 'gone')) return said === 'same';
  throw new SpacepackError(
    'listing-failed',
    `Expected PowerShell to say when the device arrived, found: ${said || errorOf(ran)}`,
  );
}

/** The disks from the script's JSON. Throws `listing-failed` if the text is not such JSON. */
export function parseWindowsDisks(text: string): WindowsListing {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (thrown) {
    throw new SpacepackError('listing-failed', 'Expected JSON from PowerShell, found other text.', { cause: thrown });
  }
  const disks = memberOf(parsed, 'disks');
  if (!Array.isArray(disks))
    throw new SpacepackError('listing-failed', 'Expected disks in the JSON from PowerShell, found none.');
  return {
    disks: disks.map(parseDisk).filter((disk) => disk !== null),
    odd: disks.flatMap((disk) => {
      const [instance, trouble] = [textOf(disk, 'disk'), textOf(disk, 'trouble')];
      return instance === null || trouble === null ? [] : [{ instance, trouble }];
    }),
  };
}

function parseDisk(value: unknown): WindowsDisk | null {
  const [id, instance] = [textOf(value, 'id'), textOf(value, 'usb')];
  const usb = instance === null ? null : parseUsb(value, instance);
  if (id === null || instance === null || usb === null) return null;
  const found = memberOf(value, 'partitions');
  const partitions = Array.isArray(found) ? found : [];
  const sizeBytes = countOf(value, 'size');
  return {
    id,
    instance: textOf(value, 'disk'),
    attachment: `${instance}@${textOf(value, 'arrival') ?? 'unknown'}`,
    usb,
    ...inquiryOf(textOf(value, 'disk') ?? ''),
    mediaName: (textOf(value, 'model') ?? '').replace(/ USB Device$/, ''),
    sizeBytes,
    readOnly: memberOf(value, 'readOnly') === true,
    scheme: schemeOf(memberOf(value, 'style'), partitions),
    volumes: sizeBytes === 0 ? [] : partitions.map(parsePartition).filter((volume) => volume !== null),
  };
}

/**
 * What INQUIRY said, from the disk's own instance id, `USBSTOR\\DISK&VEN_MOPHIE&PROD_SPACEPACK&REV_A102\\SP0042&0`: the
 * system trims it, converts it to capitals, and replaces each space with an underscore.
 */
function inquiryOf(instance: string): Pick<WindowsDisk, 'vendor' | 'product'> {
  const [, vendor, product] = /\\DISK&VEN_([^&\\]*)&PROD_([^&\\]*)/i.exec(instance) ?? [];
  const plain = (text: string | undefined): string | null => text?.replaceAll('_', ' ').trim() ?? null;
  return { vendor: plain(vendor), product: plain(product) };
}

function parseUsb(value: unknown, instance: string): UsbIdentity | null {
  // USB\\VID_19E7&PID_1111\\SP0042
  const [, vendor, product, name] = /^USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})[^\\]*\\(.+)$/i.exec(instance) ?? [];
  if (vendor === undefined || product === undefined || name === undefined) return null;
  const hardwareIds = memberOf(value, 'hardwareIds');
  const longest: unknown = Array.isArray(hardwareIds) ? hardwareIds[0] : null;
  const [, release] = /&REV_([0-9A-F]{4})/i.exec(typeof longest === 'string' ? longest : '') ?? [];
  return {
    vendorId: Number.parseInt(vendor, 16),
    productId: Number.parseInt(product, 16),
    bcdDevice: release === undefined ? null : Number.parseInt(release, 16),
    // Windows generates a name with an ampersand for devices without a serial number.
    serial: name.includes('&') ? null : name,
    port: textOf(value, 'location'),
    revision: textOf(value, 'revision'),
  };
}

function parsePartition(value: unknown): WindowsVolume | null {
  const letter = /^[A-Z]/i.exec(textOf(value, 'letter') ?? '')?.[0].toUpperCase() ?? null;
  const id = letter === null ? textOf(value, 'path') : `${letter}:`;
  if (id === null) return null;
  const fileSystem = textOf(value, 'fileSystem')?.toLowerCase() ?? null;
  return {
    id,
    letter,
    label: textOf(value, 'label') ?? '',
    fileSystem: fileSystem === 'raw' ? null : fileSystem,
    sizeBytes: countOf(value, 'size'),
  };
}

/**
 * MSFT_Disk.PartitionStyle: 1 MBR, 2 GPT; with the system's module for storage loaded it is a text instead. A card without a
 * partition table appears as one partition that begins at 0.
 */
function schemeOf(style: unknown, partitions: readonly unknown[]): Drive['scheme'] {
  if (partitions.length === 1 && memberOf(partitions[0], 'offset') === 0) return 'none';
  if (style === 1 || style === 'MBR') return 'mbr';
  return style === 2 || style === 'GPT' ? 'gpt' : 'unknown';
}

function textOf(value: unknown, key: string): string | null {
  const found = memberOf(value, key);
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : null;
}

function countOf(value: unknown, key: string): number {
  const found = memberOf(value, key);
  const count = typeof found === 'string' ? Number(found) : found;
  return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0;
}
