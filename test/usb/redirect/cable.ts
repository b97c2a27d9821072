import { createServer, type Server, type Socket } from 'node:net';
import { createBulkOnly } from '../storage/bulk-only.ts';
import { descriptor, ENDPOINT, INTERFACE, maxPacketBytes, type UsbFacts } from '../storage/descriptors.ts';
import { createTarget } from '../storage/scsi.ts';
import type { Unit } from '../storage/unit.ts';
import { VENDOR, type VendorInterface } from '../storage/vendor.ts';
import {
  bulkAnswer,
  type ControlRequest,
  controlAnswer,
  createPacketReader,
  encodePacket,
  hello,
  PACKET,
  type Packet,
  readBulk,
  readControl,
  STATUS,
  type TransferStatus,
} from './packets.ts';

/** The cable between a device of ours and a port of the emulated computer. */
export interface Cable {
  /** A unix socket, which QEMU connects to. */
  readonly path: string;
  /** Onto the bus. */
  connect(facts: UsbFacts): void;
  /** Off the bus, whatever is under way. */
  disconnect(): void;
  close(): void;
}

/** What is at the device's end. */
export interface CableEnd {
  readonly unit: Unit;
  /** Default: the drive is all there is. */
  readonly vendor?: VendorInterface;
  /** The host has set the configuration. */
  onConfigured(): void;
}

/** Waits for QEMU at `path`. */
export async function layCable(path: string, end: CableEnd): Promise<Cable> {
  let socket: Socket | null = null;
  let device: Device | null = null;
  const send = (packet: Packet) => void socket?.write(encodePacket(packet));
  const server = await listen(path, (peer) => {
    socket = peer;
    peer.write(hello());
    peer.on('error', () => undefined);
    const read = createPacketReader((packet) => device?.take(packet));
    peer.on('data', read);
    if (device !== null) announce(send, device.facts);
  });
  return {
    path,
    connect(facts) {
      device = createDevice(facts, end, send);
      announce(send, facts);
    },
    disconnect() {
      if (device === null) return;
      device = null;
      send({ type: PACKET.disconnect, id: 0n, body: Buffer.alloc(0) });
    },
    close() {
      device = null;
      socket?.destroy();
      server.close();
    },
  };
}

function listen(path: string, onPeer: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onPeer);
    server.on('error', reject);
    server.listen(path, () => resolve(server));
  });
}

const SPEED = { full: 1, high: 2 } as const;

/** Interfaces and pipes first: QEMU plugs the device in when it hears of the connection. */
function announce(send: (packet: Packet) => void, facts: UsbFacts): void {
  const interfaces = Buffer.alloc(4 + 4 * 32);
  const all = [[0, INTERFACE.class, INTERFACE.subclass, INTERFACE.protocol]];
  if (facts.hasVendorInterface) all.push([VENDOR.number, VENDOR.class, 0, 0]);
  interfaces.writeUInt32LE(all.length, 0);
  for (const [number, words] of all.entries()) {
    for (const [index, value] of words.entries()) interfaces.writeUInt8(value, 4 + index * 32 + number);
  }
  const pipes = Buffer.alloc(3 * 32 + 2 * 32);
  pipes.fill(255, 0, 32);
  for (const control of [0, 16]) pipes.writeUInt8(0, control);
  const storage = [ENDPOINT.in, ENDPOINT.out].map((address) => [address, 0] as const);
  const vendor = [VENDOR.in, VENDOR.out].map((address) => [address, VENDOR.number] as const);
  for (const [address, number] of [...storage, ...(facts.hasVendorInterface ? vendor : [])]) {
    const index = ((address & 0x80) >> 3) | (address & 0x0f);
    pipes.writeUInt8(2, index);
    pipes.writeUInt8(number, 64 + index);
    pipes.writeUInt16LE(maxPacketBytes(facts), 96 + 2 * index);
  }
  const connection = Buffer.alloc(10);
  connection.writeUInt8(SPEED[facts.speed], 0);
  connection.writeUInt16LE(facts.vendorId, 4);
  connection.writeUInt16LE(facts.productId, 6);
  connection.writeUInt16LE(facts.bcdDevice, 8);
  send({ type: PACKET.interfaceInfo, id: 0n, body: interfaces });
  send({ type: PACKET.endpointInfo, id: 0n, body: pipes });
  send({ type: PACKET.connect, id: 0n, body: connection });
}

interface Device {
  readonly facts: UsbFacts;
  take(packet: Packet): void;
}

/** One stay on the bus. */
function createDevice(
  facts: UsbFacts,
  { unit, vendor, onConfigured }: CableEnd,
  send: (packet: Packet) => void,
): Device {
  const transport = createBulkOnly(createTarget(unit));
  const pending = new Map<bigint, () => void>();
  let configuration = 0;

  const control = ({ type, id }: Packet, request: ControlRequest): void => {
    const [status, data] =
      (vendor && answerVendor(vendor, request)) ?? answerControl(facts, request, () => transport.reset());
    send({ type, id, body: controlAnswer(request, status, data) });
  };
  const bulk = ({ type, id, body }: Packet): void => {
    const { endpoint, lengthBytes, data } = readBulk(body);
    const besides = vendor && vendorBulk(vendor, endpoint, lengthBytes, data);
    if (besides !== undefined) {
      send({ type, id, body: besides });
      return;
    }
    if (endpoint === ENDPOINT.out) {
      transport.out(data);
      send({ type, id, body: bulkAnswer(endpoint, STATUS.success, data.length) });
      return;
    }
    let isAnswered = false;
    const callOff = transport.in(lengthBytes, (reply) => {
      isAnswered = true;
      pending.delete(id);
      send({ type, id, body: bulkAnswer(endpoint, STATUS.success, reply.length, reply) });
    });
    if (!isAnswered) pending.set(id, callOff);
  };
  const configured = (id: bigint): void => {
    const body = Buffer.from([STATUS.success, configuration]);
    send({ type: PACKET.configurationStatus, id, body });
  };
  return {
    facts,
    take(packet) {
      const { type, id, body } = packet;
      if (type === PACKET.control) return control(packet, readControl(body));
      if (type === PACKET.bulk) return bulk(packet);
      if (type === PACKET.reset) return transport.reset();
      if (type === PACKET.getConfiguration) return configured(id);
      if (type === PACKET.setConfiguration) {
        configuration = body.readUInt8(0);
        configured(id);
        if (configuration > 0) onConfigured();
      }
      if (type === PACKET.setAlternate || type === PACKET.getAlternate) {
        const status = Buffer.from([STATUS.success, body.readUInt8(0), 0]);
        send({ type: PACKET.alternateStatus, id, body: status });
      }
      if (type === PACKET.cancel) {
        const callOff = pending.get(id);
        // Answered already: QEMU knows what to do with the answer.
        if (callOff === undefined) return;
        callOff();
        pending.delete(id);
        send({ type: PACKET.bulk, id, body: bulkAnswer(ENDPOINT.in, STATUS.cancelled, 0) });
      }
    },
  };
}

const REQUEST = { clearFeature: 0x01, getDescriptor: 0x06, getMaxLun: 0xfe, massStorageReset: 0xff } as const;

/** The answer; `undefined`: it is not for the vendor's interface. */
function vendorBulk(vendor: VendorInterface, endpoint: number, mostBytes: number, data: Buffer): Buffer | undefined {
  if (endpoint === VENDOR.out) {
    return vendor.out(data) ? bulkAnswer(endpoint, STATUS.success, data.length) : bulkAnswer(endpoint, STATUS.stall, 0);
  }
  if (endpoint !== VENDOR.in) return undefined;
  const bytes = vendor.in(mostBytes);
  return bytes === null
    ? bulkAnswer(endpoint, STATUS.stall, 0)
    : bulkAnswer(endpoint, STATUS.success, bytes.length, bytes);
}

/** `undefined`: it is not for the vendor's interface. */
function answerVendor(
  vendor: VendorInterface,
  { request, requestType, index }: ControlRequest,
): readonly [TransferStatus, Uint8Array] | undefined {
  if (requestType === 0x02 && request === REQUEST.clearFeature && (index === VENDOR.in || index === VENDOR.out)) {
    vendor.clearHalt(index === VENDOR.in ? 'in' : 'out');
    return [STATUS.success, new Uint8Array()];
  }
  if ((requestType & 0x7f) !== 0x41 || index !== VENDOR.number) return undefined;
  const answer = vendor.control((requestType & 0x80) !== 0, request);
  return answer === null ? [STATUS.stall, new Uint8Array()] : [STATUS.success, answer];
}

function answerControl(
  facts: UsbFacts,
  { request, requestType, value, lengthBytes }: ControlRequest,
  reset: () => void,
): readonly [TransferStatus, Uint8Array] {
  const nothing = new Uint8Array();
  if (requestType === 0x80 && request === REQUEST.getDescriptor) {
    const found = descriptor(facts, value >> 8, value & 0xff);
    return found === null ? [STATUS.stall, nothing] : [STATUS.success, found.subarray(0, lengthBytes)];
  }
  if (requestType === 0xa1 && request === REQUEST.getMaxLun) return [STATUS.success, Uint8Array.of(0)];
  if (requestType === 0x21 && request === REQUEST.massStorageReset) {
    reset();
    return [STATUS.success, nothing];
  }
  if (requestType === 0x02 && request === REQUEST.clearFeature) return [STATUS.success, nothing];
  // GET_STATUS: bus-powered, no remote wake-up.
  if ((requestType & 0xe0) === 0x80 && request === 0x00) return [STATUS.success, new Uint8Array(2)];
  return [STATUS.stall, nothing];
}
