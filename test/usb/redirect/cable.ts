import { createServer, type Server, type Socket } from 'node:net';
import { createBulkOnly } from '../storage/bulk-only.ts';
import { descriptor, ENDPOINT, INTERFACE, maxPacketBytes, type UsbFacts } from '../storage/descriptors.ts';
import { createTarget } from '../storage/scsi.ts';
import type { Unit } from '../storage/unit.ts';
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

/** Waits for QEMU at `path`. `onConfigured`: the host has set the configuration. */
export async function layCable(path: string, unit: Unit, onConfigured: () => void): Promise<Cable> {
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
      device = createDevice(facts, unit, send, onConfigured);
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
  interfaces.writeUInt32LE(1, 0);
  for (const [index, value] of [0, INTERFACE.class, INTERFACE.subclass, INTERFACE.protocol].entries()) {
    interfaces.writeUInt8(value, 4 + index * 32);
  }
  const pipes = Buffer.alloc(3 * 32 + 2 * 32);
  pipes.fill(255, 0, 32);
  for (const control of [0, 16]) pipes.writeUInt8(0, control);
  for (const address of Object.values(ENDPOINT)) {
    const index = ((address & 0x80) >> 3) | (address & 0x0f);
    pipes.writeUInt8(2, index);
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
function createDevice(facts: UsbFacts, unit: Unit, send: (packet: Packet) => void, onConfigured: () => void): Device {
  const transport = createBulkOnly(createTarget(unit));
  const pending = new Map<bigint, () => void>();
  let configuration = 0;

  const control = ({ type, id }: Packet, request: ControlRequest): void => {
    const [status, data] = answerControl(facts, request, () => transport.reset());
    send({ type, id, body: controlAnswer(request, status, data) });
  };
  const bulk = ({ type, id, body }: Packet): void => {
    const { endpoint, lengthBytes, data } = readBulk(body);
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
