import type { DeviceInfo } from './device-info.ts';
import { SpacepackError } from './errors.ts';
import type { Family } from './family.ts';
import { printable } from './printable.ts';
import type { Drive } from './sight.ts';

/** Known and equal, known and different, or not known. `unknown` never decides anything by itself. */
export type Sameness = 'same' | 'other' | 'unknown';

/**
 * Who a device is. Factories give one serial to many devices, some systems report none, and a port says where a device
 * is, not which one it is. So this is one value, kept whole and compared whole.
 */
export interface Identity {
  /** As the device gives it over USB or, where the system does not report that, in its files; `null`: not known. */
  readonly serial: string | null;
  /** Where it is plugged in; `null`: the system does not say. */
  readonly port: string | null;
  /** Names one attachment: equal only while the device stays plugged in. Empty: it is away, which equals nothing. */
  readonly attachment: string;
}

/** Ignores case: Windows writes serials in capitals. */
export function compareSerials(one: string | null, other: string | null): Sameness {
  if (one === null || other === null) return 'unknown';
  return one.toLowerCase() === other.toLowerCase() ? 'same' : 'other';
}

function comparePorts(one: string | null, other: string | null): Sameness {
  if (one === null || other === null) return 'unknown';
  return one === other ? 'same' : 'other';
}

/** The identity of a listed drive; `info` is what it says in its files, if they were read. */
export function identityOf(drive: Drive, info: Pick<DeviceInfo, 'serial'> | null = null): Identity {
  const { usb, attachment, id } = drive;
  // A volume that is a plain folder has no port: its path says where it is.
  return { serial: usb?.serial ?? info?.serial ?? null, port: usb === null ? id : usb.port, attachment };
}

/** The serial of a device, as its files give it or, where they do not, the system (which may write it in capitals). */
export function serialOf({ usb }: Drive, info: Pick<DeviceInfo, 'serial'>): string | null {
  return info.serial ?? usb?.serial ?? null;
}

/** The name of a device's lock: two devices may have one serial, but not one port. */
export function lockNameOf(drive: Drive, info: Pick<DeviceInfo, 'serial'>): string {
  return `${serialOf(drive, info) ?? ''}@${identityOf(drive).port ?? ''}`;
}

/** What people call a device: its serial or, where nothing tells it, its place. */
export function nameOf({ serial, port }: Pick<Identity, 'serial' | 'port'>): string {
  return serial ?? (port === null ? 'a device without a serial' : `the device at ${port}`);
}

/** The identity of a device that is away, from its record. */
export function identityAway({ serial, port }: Pick<Identity, 'serial' | 'port'>): Identity {
  return { serial, port, attachment: '' };
}

/**
 * Whether two identities are of one device: `same` if the port or the attachment is the same and the serials are not
 * known to differ; `other` if serial or port are known to differ. An equal serial alone proves nothing.
 */
export function compareIdentities(one: Identity, other: Identity): Sameness {
  const serial = compareSerials(one.serial, other.serial);
  if (serial === 'other') return 'other';
  if (one.attachment !== '' && one.attachment === other.attachment) return 'same';
  return comparePorts(one.port, other.port);
}

/**
 * The drive of a device among all that are present: the one that is the same or, where that is not certain, the only
 * one that may be it. `null`: none. Throws `devices-alike`.
 */
export function findSame(wanted: Identity, drives: readonly Drive[]): Drive | null {
  const close = drives.filter((drive) => compareIdentities(wanted, identityOf(drive)) !== 'other');
  const attached = close.filter(({ attachment }) => attachment === wanted.attachment);
  const same = close.filter((drive) => compareIdentities(wanted, identityOf(drive)) === 'same');
  const [first = null, ...rest] = [attached, same, close].find((found) => found.length > 0) ?? [];
  if (first !== null && rest.length > 0) throw alike([first, ...rest]);
  // Where that is not certain, the device's files must decide, and all they can be compared with is a serial.
  return first === null || same.includes(first) || wanted.serial !== null ? first : null;
}

/** The error for devices that nothing tells apart; says what would. */
export function alike(drives: readonly Drive[]): SpacepackError {
  const found = drives.map(({ id, usb }) => `${id} (serial ${usb?.serial ?? 'not known'})`).join(' and ');
  return new SpacepackError(
    'devices-alike',
    `Expected serial numbers or ports that tell the devices apart, found ${found}, for which the system reports no port.`,
  );
}

const fileOf = ({ files }: Pick<Family, 'files'>): string => files.info?.path ?? 'its files';

/**
 * Why the files cannot be those of the device whose volume they are on, or of the one that was chosen: `info-serial`,
 * `other-device` or `info-model`; `null`: nothing contradicts them.
 */
export function contradictionIn(
  family: Family,
  drive: Drive,
  info: DeviceInfo,
  meant: Pick<Identity, 'serial'> | null = null,
): SpacepackError | null {
  const usbSerial = drive.usb?.serial ?? null;
  if (compareSerials(usbSerial, info.serial) === 'other') {
    const found = `found ${info.serial} in ${fileOf(family)}`;
    return new SpacepackError(
      'info-serial',
      `Expected the serial ${printable(usbSerial ?? '')} of the USB device, ${found}.`,
    );
  }
  if (meant !== null && compareSerials(meant.serial, info.serial) === 'other') {
    return new SpacepackError(
      'other-device',
      `Expected the device ${printable(meant.serial ?? '')}, found ${info.serial}.`,
    );
  }
  if (family.model !== null && info.model !== null && info.model !== family.model) {
    const message = `Expected model ${family.model} in ${fileOf(family)}, found ${info.model}.`;
    return new SpacepackError('info-model', message);
  }
  return null;
}
