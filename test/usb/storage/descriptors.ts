import { VENDOR } from './vendor.ts';

/** What the USB device says of itself. */
export interface UsbFacts {
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  /** `full` for a device behind an emulated hub, which is a USB 1.1 one. */
  readonly speed: 'full' | 'high';
  /** Whether it has the vendor's interface too. Default: no. */
  readonly hasVendorInterface?: boolean;
}

/** The two pipes of the bulk-only transport. */
export const ENDPOINT = { in: 0x81, out: 0x02 } as const;

/** USB Mass Storage Class, SCSI transparent command set, bulk-only transport. */
export const INTERFACE = { class: 0x08, subclass: 0x06, protocol: 0x50 } as const;

export function maxPacketBytes({ speed }: UsbFacts): number {
  return speed === 'high' ? 512 : 64;
}

const TYPE = { device: 1, configuration: 2, text: 3, qualifier: 6, otherSpeed: 7 } as const;

/** The descriptor asked for (USB 2.0 §9.6); `null`: there is none. */
export function descriptor(facts: UsbFacts, type: number, index: number): Buffer | null {
  if (type === TYPE.device) return deviceDescriptor(facts);
  if (type === TYPE.configuration) return configurationDescriptor(facts);
  if (type === TYPE.text) return textDescriptor([facts.manufacturer, facts.product, facts.serial], index);
  return null;
}

function deviceDescriptor({ vendorId, productId, bcdDevice }: UsbFacts): Buffer {
  const bytes = Buffer.from([18, TYPE.device, 0x00, 0x02, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 1, 2, 3, 1]);
  bytes.writeUInt16LE(vendorId, 8);
  bytes.writeUInt16LE(productId, 10);
  bytes.writeUInt16LE(bcdDevice, 12);
  return bytes;
}

function configurationDescriptor(facts: UsbFacts): Buffer {
  const size = maxPacketBytes(facts);
  const pipe = (address: number) => [7, 5, address, 2, size & 0xff, size >> 8, 0];
  const body = [9, 4, 0, 0, 2, INTERFACE.class, INTERFACE.subclass, INTERFACE.protocol, 0];
  const parts = [...body, ...pipe(ENDPOINT.in), ...pipe(ENDPOINT.out)];
  const vendor = [9, 4, VENDOR.number, 0, 2, VENDOR.class, 0, 0, 0, ...pipe(VENDOR.out), ...pipe(VENDOR.in)];
  if (facts.hasVendorInterface) parts.push(...vendor);
  const interfaces = facts.hasVendorInterface ? 2 : 1;
  return Buffer.from([9, TYPE.configuration, 9 + parts.length, 0, interfaces, 1, 0, 0x80, 250, ...parts]);
}

function textDescriptor(texts: readonly string[], index: number): Buffer | null {
  const english = Buffer.from([0x09, 0x04]);
  const body = index === 0 ? english : Buffer.from(texts[index - 1] ?? '', 'utf16le');
  return index > texts.length ? null : Buffer.concat([Buffer.from([2 + body.length, TYPE.text]), body]);
}
