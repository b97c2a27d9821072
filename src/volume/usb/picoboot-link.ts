import type { Clock } from '../../computer/clock.ts';
import { within } from '../../computer/within.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import {
  encodePicoboot,
  PICOBOOT,
  type PicobootCommand,
  parsePicobootStatus,
  picobootFault,
} from '../../protocol/uf2/picoboot.ts';
import type { UsbInterfaceFacts, UsbLibraryDevice, UsbSetup, UsbTransfer } from './library.ts';

/** For one transfer, in ms. The ROM erases a sector in 0.4 s at worst, and a read waits for that. */
const TRANSFER_MS = 5_000;
/** For a command with all that it takes to recover, in ms. */
const COMMAND_MS = 30_000;
/** Of the endpoints; lengths to read are multiples of it. */
const PACKET_BYTES = 64;
/** Nothing: what ends a command. */
const EMPTY = new Uint8Array();

export interface PicobootEndpoints {
  readonly interfaceNumber: number;
  readonly in: number;
  readonly out: number;
}

/** The interface that is neither the drive's nor anybody's driver's; `null`: there is none. */
export function picobootEndpoints(interfaces: readonly UsbInterfaceFacts[]): PicobootEndpoints | null {
  for (const { interfaceNumber, alternate } of interfaces) {
    const bulk = alternate.endpoints.filter(({ type }) => type === 'bulk');
    const [into, out] = ['in', 'out'].map((way) => bulk.find(({ direction }) => direction === way)?.endpointNumber);
    const isOurs = alternate.interfaceClass === PICOBOOT.interfaceClass && bulk.length === 2;
    if (isOurs && into !== undefined && out !== undefined) return { interfaceNumber, in: into, out };
  }
  return null;
}

/** One command after the other. Each rejects with `volume-io` or `volume-stalled`, and leaves the interface usable. */
export interface PicobootLink {
  /** Resolves with the data that came in. */
  send(command: PicobootCommand): Promise<Uint8Array>;
}

export function createPicobootLink(device: UsbLibraryDevice, ends: PicobootEndpoints, clock: Clock): PicobootLink {
  let token = 0;
  const setup = (request: number): UsbSetup => {
    return { requestType: 'vendor', recipient: 'interface', request, value: 0, index: ends.interfaceNumber };
  };
  const good = async (transfer: Promise<UsbTransfer>): Promise<Uint8Array> => {
    const { status, data } = await transfer;
    if (status !== 'ok') throw new Error(`the transfer ended with ${status}`);
    return data === undefined ? EMPTY : new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  };

  async function exchange(command: PicobootCommand): Promise<Uint8Array> {
    await good(device.transferOut(ends.out, encodePicoboot(token, command), TRANSFER_MS));
    const { transferBytes } = command;
    if (transferBytes === 0) {
      await good(device.transferIn(ends.in, PACKET_BYTES, TRANSFER_MS));
      return EMPTY;
    }
    const bytes = await good(device.transferIn(ends.in, transferBytes, TRANSFER_MS));
    if (bytes.length !== transferBytes) throw new Error(`${bytes.length} of ${transferBytes} bytes came`);
    await good(device.transferOut(ends.out, EMPTY, TRANSFER_MS));
    return bytes;
  }

  /** Forgets what was going on, which may be a block on its way into the flash memory: only after a fault. */
  async function reset(): Promise<void> {
    for (const way of ['in', 'out'] as const) await device.clearHalt(way, ends[way]).catch(() => undefined);
    await good(device.controlTransferOut(setup(PICOBOOT.resetRequest), EMPTY, TRANSFER_MS));
  }

  /** Why the device did not obey, in its own words if it has some. */
  async function explain(thrown: unknown): Promise<string> {
    try {
      const { statusRequest, statusBytes } = PICOBOOT;
      const bytes = await good(device.controlTransferIn(setup(statusRequest), statusBytes, TRANSFER_MS));
      const status = parsePicobootStatus(bytes);
      if (status !== null && status.token === token && status.code !== 0) return picobootFault(status);
    } catch {
      // What was thrown first says more.
    }
    return messageOf(thrown);
  }

  async function attempt(command: PicobootCommand): Promise<Uint8Array> {
    token += 1;
    try {
      return await exchange(command);
    } catch (thrown) {
      const why = await explain(thrown);
      await reset().catch(() => undefined);
      throw new SpacepackError('volume-io', `PICOBOOT: expected the device to obey, found that ${why}.`);
    }
  }
  return { send: (command) => within(clock, COMMAND_MS, 'PICOBOOT', attempt(command)) };
}
