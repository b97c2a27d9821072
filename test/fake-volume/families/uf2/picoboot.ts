import type { BootRom } from './boot-rom.ts';

/**
 * The second interface of the boot ROM, PICOBOOT, as the device answers it: RP2040 datasheet §2.8.5, RP2350 datasheet §5.6, and
 * usb_boot_device.c and nsboot_usb_client.c of the boot ROMs. Endpoints 3 (OUT) and 4 (IN); a fault halts both.
 */
export interface Picoboot {
  /** A packet for the OUT endpoint; `false`: it is halted. */
  out(packet: Uint8Array): boolean;
  /** What the IN endpoint has for the host; `null`: it is halted. Empty: the packet that says that all went well. */
  in(mostBytes: number): Uint8Array | null;
  /** A vendor request to the interface; `null`: not known. */
  control(isIn: boolean, request: number): Uint8Array | null;
  /** CLEAR_FEATURE of an endpoint. */
  clearHalt(way: 'in' | 'out'): void;
  /** Ids of all commands that were understood. */
  readonly heard: readonly number[];
}

const MAGIC = 0x431fd10b;
const LENGTHS: Readonly<Record<number, number>> = { 2: 12, 132: 8, 6: 0, 10: 16, 139: 16 };

export function createPicoboot(rom: BootRom): Picoboot {
  const heard: number[] = [];
  const halted = { in: false, out: false };
  let status = { token: 0, code: 0, id: 0 };
  let data: Uint8Array | null = null;
  /** What is due: data or the empty packet to the host, the empty packet from it, or a command. */
  let due: 'command' | 'data' | 'ack-in' | 'ack-out' = 'command';

  function fault(code: number): void {
    status = { ...status, code };
    halted.in = true;
    halted.out = true;
    due = 'command';
  }

  /** These return the code of a fault; 0: none. */
  function read(address: number, lengthBytes: number): number {
    const isFlash = address >= 0x10000000 && address + lengthBytes <= 0x20000000;
    if (!isFlash) return 4;
    if (address % 256 !== 0) return 5;
    data = rom.readFlash(address, lengthBytes);
    if (data === null) return 10;
    due = 'data';
    return 0;
  }

  /** GET_INFO 3: words that follow, the partition's index, its place. */
  function target(): number {
    const words = new Uint32Array(64);
    words[0] = 3;
    words[1] = rom.partition ?? 0xff;
    words[2] = 0xfc07e000;
    data = new Uint8Array(words.buffer);
    due = 'data';
    return 0;
  }

  function obey(view: DataView): number {
    const id = view.getUint8(8);
    status = { token: view.getUint32(4, true), code: 0, id };
    const isOfRp2350 = id === 0x0a || id === 0x8b;
    if (!(id in LENGTHS) || (isOfRp2350 && rom.chip === 'RP2040') || (id === 0x02 && rom.chip === 'RP2350')) return 1;
    if (view.getUint8(9) !== LENGTHS[id]) return 2;
    const [first, second] = [view.getUint32(16, true), view.getUint32(20, true)];
    const transfer = view.getUint32(12, true);
    if (transfer !== (id === 0x84 ? second : id === 0x8b ? 256 : 0)) return 3;
    heard.push(id);
    due = 'ack-in';
    if (id === 0x84) return read(first, second);
    if (id === 0x8b) return target();
    if (id === 0x02) rom.restart(view.getUint32(24, true));
    if (id === 0x0a) rom.restart(second);
    return 0;
  }

  return {
    heard,
    out(packet) {
      if (halted.out) return false;
      if (due === 'ack-out') {
        due = 'command';
        return true;
      }
      const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
      const isCommand = packet.length === 32 && view.getUint32(0, true) === MAGIC;
      const code = isCommand ? obey(view) : 1;
      if (code !== 0) fault(code);
      return true;
    },
    in(mostBytes) {
      if (halted.in) return null;
      if (due === 'data' && data !== null) {
        const bytes = data.slice(0, mostBytes);
        data = data.slice(mostBytes);
        if (data.length === 0) due = 'ack-out';
        return bytes;
      }
      if (due === 'ack-in') due = 'command';
      return new Uint8Array();
    },
    control(isIn, request) {
      if (!isIn && request === 0x41) {
        halted.in = false;
        halted.out = false;
        due = 'command';
        status = { token: 0, code: 0, id: 0 };
        return new Uint8Array();
      }
      if (!isIn || request !== 0x42) return null;
      const view = new DataView(new ArrayBuffer(16));
      view.setUint32(0, status.token, true);
      view.setUint32(4, status.code, true);
      view.setUint8(8, status.id);
      return new Uint8Array(view.buffer);
    },
    clearHalt(way) {
      halted[way] = false;
    },
  };
}
