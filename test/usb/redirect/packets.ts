/**
 * The packets of usbredir 0.7, as far as a mass-storage device needs them: QEMU is the host's end of the USB cable, we are
 * the device's. Source: usbredirproto.h of libusbredirparser 0.13. All numbers are little-endian.
 */

/** What a packet is for. Those that neither side uses here are left out. */
export const PACKET = {
  hello: 0,
  connect: 1,
  disconnect: 2,
  reset: 3,
  interfaceInfo: 4,
  endpointInfo: 5,
  setConfiguration: 6,
  getConfiguration: 7,
  configurationStatus: 8,
  setAlternate: 9,
  getAlternate: 10,
  alternateStatus: 11,
  cancel: 21,
  control: 100,
  bulk: 101,
} as const;

/** How a transfer ended. */
export const STATUS = { success: 0, cancelled: 1, invalid: 2, ioError: 3, stall: 4, timeout: 5 } as const;

export type TransferStatus = (typeof STATUS)[keyof typeof STATUS];

/** Bits of the capabilities that we announce; each changes the shape of a packet. */
const CAPABILITY = { connectVersion: 1, maxPacketSize: 4, wideIds: 5, wideBulkLength: 6 } as const;

export interface Packet {
  readonly type: number;
  /** Chosen by the one who asks; the answer carries the same. */
  readonly id: bigint;
  readonly body: Buffer;
}

const NARROW_HEADER = 12;
const WIDE_HEADER = 16;
const VERSION_BYTES = 64;

/** A packet with its header; ids have 64 bits once both sides have said hello. */
export function encodePacket({ type, id, body }: Packet, isWide = true): Buffer {
  const header = Buffer.alloc(isWide ? WIDE_HEADER : NARROW_HEADER);
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(body.length, 4);
  if (isWide) header.writeBigUInt64LE(id, 8);
  else header.writeUInt32LE(Number(id), 8);
  return Buffer.concat([header, body]);
}

/** Our first packet. */
export function hello(): Buffer {
  const body = Buffer.alloc(VERSION_BYTES + 4);
  body.write('spacepack usb bench', 'latin1');
  const bits = Object.values(CAPABILITY).reduce((sum, bit) => sum | (1 << bit), 0);
  body.writeUInt32LE(bits, VERSION_BYTES);
  return encodePacket({ type: PACKET.hello, id: 0n, body }, false);
}

/** Cuts a stream of bytes into packets. The first one, the hello, has a narrow header. */
export function createPacketReader(onPacket: (packet: Packet) => void): (bytes: Buffer) => void {
  let pending: Buffer[] = [];
  let have = 0;
  let wanted = NARROW_HEADER;
  let isWide = false;
  return (bytes) => {
    pending.push(bytes);
    have += bytes.length;
    while (have >= wanted) {
      const all = Buffer.concat(pending);
      const header = isWide ? WIDE_HEADER : NARROW_HEADER;
      const total = header + all.readUInt32LE(4);
      pending = [all];
      wanted = total;
      if (have < total) return;
      const id = isWide ? all.readBigUInt64LE(8) : BigInt(all.readUInt32LE(8));
      onPacket({ type: all.readUInt32LE(0), id, body: all.subarray(header, total) });
      pending = [all.subarray(total)];
      have -= total;
      isWide = true;
      wanted = WIDE_HEADER;
    }
  };
}

/** A control transfer; `data` is empty when the host reads. */
export interface ControlRequest {
  readonly endpoint: number;
  readonly request: number;
  readonly requestType: number;
  readonly value: number;
  readonly index: number;
  readonly lengthBytes: number;
  readonly data: Buffer;
}

export function readControl(body: Buffer): ControlRequest {
  return {
    endpoint: body.readUInt8(0),
    request: body.readUInt8(1),
    requestType: body.readUInt8(2),
    value: body.readUInt16LE(4),
    index: body.readUInt16LE(6),
    lengthBytes: body.readUInt16LE(8),
    data: body.subarray(10),
  };
}

export function controlAnswer(request: ControlRequest, status: TransferStatus, data: Uint8Array): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt8(request.endpoint, 0);
  head.writeUInt8(request.request, 1);
  head.writeUInt8(request.requestType, 2);
  head.writeUInt8(status, 3);
  head.writeUInt16LE(request.value, 4);
  head.writeUInt16LE(request.index, 6);
  const isRead = (request.requestType & 0x80) !== 0;
  head.writeUInt16LE(isRead ? data.length : request.data.length, 8);
  return isRead ? Buffer.concat([head, data]) : head;
}

/** A bulk transfer; `data` is empty when the host reads. */
export interface BulkRequest {
  readonly endpoint: number;
  readonly lengthBytes: number;
  readonly data: Buffer;
}

const BULK_HEAD = 10;

export function readBulk(body: Buffer): BulkRequest {
  return {
    endpoint: body.readUInt8(0),
    lengthBytes: body.readUInt16LE(2) + body.readUInt16LE(8) * 0x1_0000,
    data: body.subarray(BULK_HEAD),
  };
}

/** The answer: so many bytes went through; what the host reads comes with it. */
export function bulkAnswer(endpoint: number, status: TransferStatus, lengthBytes: number, data?: Uint8Array): Buffer {
  const head = Buffer.alloc(BULK_HEAD);
  head.writeUInt8(endpoint, 0);
  head.writeUInt8(status, 1);
  head.writeUInt16LE(lengthBytes & 0xffff, 2);
  head.writeUInt16LE(Math.floor(lengthBytes / 0x1_0000), 8);
  return data === undefined ? head : Buffer.concat([head, data]);
}
